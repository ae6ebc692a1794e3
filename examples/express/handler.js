// The application as a Lambda handler. What is an image or unnamed bytes goes back as Base64.
import serverless from 'serverless-http'
import { app } from './app.js'

export const handler = serverless(app, { binary: ['image/*', 'application/octet-stream'] })
