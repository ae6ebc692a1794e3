import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import serverless from 'serverless-http'
import { AppController } from './app.controller.js'
import { Greetings } from './greetings.js'

@Module({ controllers: [AppController], providers: [Greetings] })
class AppModule {}

// Made while the function starts, not when it is first called.
const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.init()

/** The application as a Lambda handler; pictures go back as Base64. */
export const handler = serverless(app.getHttpAdapter().getInstance(), { binary: ['image/*'] })
