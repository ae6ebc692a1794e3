import { Injectable } from '@nestjs/common'

@Injectable()
export class Greetings {
  private readonly words = new Map([['en', 'Hello'], ['ko', '안녕하세요'], ['pt', 'Olá']])

  greet(name: string, language: string): string {
    return `${this.words.get(language) ?? 'Hello'}, ${name}`
  }
}
