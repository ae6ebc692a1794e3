"""An ordinary Flask application: nothing in it knows of Lambda."""

import pathlib

from flask import Flask, jsonify, redirect, request, send_file

app = Flask(__name__)
PIXEL = pathlib.Path(__file__).parent / "pixel.png"


@app.get("/")
def hello():
    return "Hello from Flask\n", {"Content-Type": "text/plain; charset=utf-8"}


@app.get("/greet/<name>")
def greet(name):
    answer = jsonify(
        name=name,
        tags=request.args.getlist("tag"),
        city=request.args.get("city"),
        theme=request.cookies.get("theme"),
        url=request.url,
    )
    answer.set_cookie("seen", "yes", httponly=True)
    answer.set_cookie("times", "1")
    answer.headers.add("X-Trail", "first")
    answer.headers.add("X-Trail", "second")
    return answer


@app.post("/sum")
def total():
    return jsonify(sum=sum(request.get_json()["numbers"])), 201


@app.post("/form")
def form():
    return jsonify(request.form)


@app.post("/echo")
def echo():
    return request.get_data(), {"Content-Type": "application/octet-stream"}


@app.get("/old")
def old():
    return redirect("/")


@app.get("/pixel.png")
def pixel():
    return send_file(PIXEL, mimetype="image/png")
