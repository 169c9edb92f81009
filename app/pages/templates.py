"""The page's own text."""

DOCS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plainclothes API</title>
<link rel="stylesheet" href="/pages/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/pages/swagger-ui-bundle.js"></script>
<script src="/pages/docs.js"></script>
</body>
</html>
"""

STARTER = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: false,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
});
"""
