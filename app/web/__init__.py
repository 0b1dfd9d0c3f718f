"""The page of the site, its static files and its headers, without the game behind the WebSocket."""
