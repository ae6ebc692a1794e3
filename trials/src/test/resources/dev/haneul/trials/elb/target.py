"""A target that does as its path says, good or bad; and one that echoes datagrams, and one that tells who connects."""
import base64
import hashlib
import json
import socket
import struct
import threading
import time

NAME = socket.gethostname()


def serve(port, handle):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(128)
    while True:
        wire, address = server.accept()
        threading.Thread(target=handle, args=(wire, address), daemon=True).start()


def lines(wire):
    data = b""
    while b"\r\n\r\n" not in data:
        part = wire.recv(4096)
        if not part:
            return None, {}, []
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *others = head.decode("latin-1").split("\r\n")
    pairs = [tuple(line.split(": ", 1)) for line in others]
    left = int({name.lower(): value for name, value in pairs}.get("content-length", "0")) - len(rest)
    while left > 0:
        left -= len(wire.recv(left))
    return first, {name.lower(): value for name, value in pairs}, pairs


def answer(wire, body, status="200 OK", more=()):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Server: target", *more]
    wire.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


def http(wire, address):
    with wire:
        while True:
            first, headers, pairs = lines(wire)
            if first is None:
                return
            path = first.split(" ")[1].split("?")[0]
            if path == "/headers":
                answer(wire, json.dumps({"line": first, "headers": pairs}).encode())
            elif path == "/reset":
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            elif path == "/garbage":
                wire.sendall(b"this is no HTTP\r\n\r\n")
                return
            elif path == "/never":
                time.sleep(100)
                return
            elif path == "/dribble":
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                    wire.sendall(bytes([byte]))
                    time.sleep(0.01)
            elif path == "/cut":
                wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")
                return
            elif path == "/slow":
                time.sleep(3)
                answer(wire, NAME.encode())
            elif path == "/set":
                answer(wire, NAME.encode(), more=["Set-Cookie: app=1; Path=/"])
            elif path == "/teapot":
                answer(wire, b"short and stout", "418 I'm a teapot")
            elif path == "/socket":
                key = hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
                wire.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              f"Sec-WebSocket-Accept: {base64.b64encode(key.digest()).decode()}\r\n\r\n").encode())
                while True:
                    part = wire.recv(4096)
                    if not part:
                        return
                    wire.sendall(part)
            else:
                answer(wire, NAME.encode())


def datagrams():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 5300))
    while True:
        data, address = server.recvfrom(4096)
        server.sendto(f"{NAME} {address[0]} ".encode() + data, address)


def told(wire, address):
    """Tells the first bytes it hears, and from where."""
    with wire:
        heard = wire.recv(4096)
        wire.sendall(json.dumps([NAME, address[0], heard.hex()]).encode())


threading.Thread(target=serve, args=(8080, http), daemon=True).start()
threading.Thread(target=serve, args=(5300, told), daemon=True).start()
threading.Thread(target=serve, args=(7000, told), daemon=True).start()
datagrams()
