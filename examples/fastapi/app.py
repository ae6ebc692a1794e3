"""An ordinary FastAPI application: nothing in it knows of Lambda."""

import pathlib
from typing import List, Optional

from fastapi import Cookie, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel

app = FastAPI()
PIXEL = pathlib.Path(__file__).parent / "pixel.png"
started = []


class Numbers(BaseModel):
    numbers: List[int]


@app.on_event("startup")
async def start():
    started.append("yes")


@app.get("/", response_class=PlainTextResponse)
async def hello():
    return "Hello from FastAPI\n"


@app.get("/greet/{name}")
async def greet(
    name: str,
    request: Request,
    response: Response,
    tag: List[str] = Query(default=[]),
    city: Optional[str] = None,
    theme: Optional[str] = Cookie(default=None),
):
    response.set_cookie("seen", "yes", httponly=True)
    response.set_cookie("times", "1")
    return {"name": name, "tags": tag, "city": city, "theme": theme, "url": str(request.url), "started": started}


@app.post("/sum", status_code=201)
async def total(body: Numbers):
    return {"sum": sum(body.numbers)}


@app.post("/echo")
async def echo(request: Request):
    return Response(await request.body(), media_type="application/octet-stream")


@app.get("/old")
async def old():
    return RedirectResponse("/", status_code=302)


@app.get("/pixel.png")
async def pixel():
    return FileResponse(PIXEL, media_type="image/png")
