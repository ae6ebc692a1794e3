from app import app
from lambda_wsgi import handler_for

handler = handler_for(app)
