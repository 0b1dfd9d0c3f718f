"""The page of the site, its static files and its headers; knows nothing of the game behind the WebSocket."""
