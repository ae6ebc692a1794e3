from app import app
from lambda_asgi import handler_for

handler = handler_for(app)
