import { BadRequestException, Body, Controller, Get, Header, Headers, HttpCode, Param, Post } from '@nestjs/common'
import { Query, Redirect, Res, StreamableFile } from '@nestjs/common'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Greetings } from './greetings.js'

/** What of the response this example uses. */
interface Cookies {
  cookie(name: string, value: string): void
}

@Controller()
export class AppController {
  constructor(private readonly greetings: Greetings) {}

  @Get()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  hello(): string {
    return 'Hello from NestJS\n'
  }

  @Get('greet/:name')
  greet(
    @Param('name') name: string,
    @Query('lang') language: string,
    @Headers('cookie') cookies: string | undefined,
    @Res({ passthrough: true }) response: Cookies,
  ) {
    response.cookie('seen', 'yes')
    response.cookie('lang', language)
    return { greeting: this.greetings.greet(name, language), cookies: cookies ?? null }
  }

  @Post('sum')
  @HttpCode(201)
  sum(@Body() body: { numbers?: number[] }) {
    if (!Array.isArray(body.numbers)) {
      throw new BadRequestException('numbers must be a list')
    }
    return { sum: body.numbers.reduce((a, b) => a + b, 0) }
  }

  @Get('pixel.png')
  pixel(): StreamableFile {
    const picture = readFileSync(join(process.cwd(), 'pixel.png'))
    return new StreamableFile(picture, { type: 'image/png', length: picture.length })
  }

  @Get('old')
  @Redirect('/', 302)
  old(): void {}
}
