// An ordinary Express application: nothing in it knows of Lambda.
import express from 'express'
import { fileURLToPath } from 'node:url'

export const app = express()
app.use(express.json())

app.get('/', (request, response) => {
  response.type('text').send('Hello from Express\n')
})

app.get('/greet/:name', (request, response) => {
  response.cookie('seen', 'yes', { httpOnly: true })
  response.cookie('times', '1')
  response.append('X-Trail', 'first').append('X-Trail', 'second')
  response.json({
    name: request.params.name,
    query: request.query,
    cookies: request.headers.cookie ?? null,
    ip: request.ip,
    host: request.hostname,
  })
})

app.post('/sum', (request, response) => {
  response.status(201).json({ sum: request.body.numbers.reduce((a, b) => a + b, 0) })
})

app.post('/echo', express.raw({ type: 'application/octet-stream' }), (request, response) => {
  response.type('application/octet-stream').send(request.body)
})

app.get('/pixel.png', (request, response) => {
  response.sendFile(fileURLToPath(new URL('pixel.png', import.meta.url)))
})

app.get('/old', (request, response) => response.redirect('/'))
