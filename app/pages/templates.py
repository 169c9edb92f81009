"""The pages' own text and style."""

START = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Plainclothes · 暗访检查</title>
<link rel="stylesheet" href="/pages/start.css">
</head>
<body>
<main>
<p class="mark" aria-hidden="true">◐</p>
<h1>Plainclothes</h1>
<p class="lead">服务已启动。神秘顾客检查：加权问卷、一票否决、三个月轮换、隐蔽录像、匿名发布。</p>
<p class="lead" lang="en">The service is running: weighted checklists, one-vote veto, three-month rotation,
covert recordings, blind publication.</p>
<ul>
<li><a href="/docs">接口文档与试用 <span lang="en">Try the API</span></a></li>
<li><a href="/openapi.json">OpenAPI</a></li>
<li><a href="/readyz">运行状态 <span lang="en">Readiness</span></a></li>
</ul>
<p class="note" lang="en">Version {version}. Screens for inspectors, supervisors and outlet managers use this same API;
they are not part of this release.</p>
</main>
</body>
</html>
"""

STYLE = """:root {
  --ink: #1c2430; --soft: #5a6675; --paper: #f6f5f1; --card: #ffffff; --line: #dcd9d0; --accent: #0f5b57;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9e6df; --soft: #a3adb8; --paper: #14181d; --card: #1c2229; --line: #333b45; --accent: #6cc7bf; }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
  background: var(--paper); color: var(--ink);
  font: 16px/1.7 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif;
}
main {
  max-width: 560px; width: 100%; padding: 40px; background: var(--card);
  border: 1px solid var(--line); border-radius: 16px;
}
.mark { margin: 0; font-size: 40px; line-height: 1; color: var(--accent); }
h1 { margin: 12px 0 16px; font-size: 28px; letter-spacing: -0.01em; }
.lead { margin: 0 0 8px; }
ul { list-style: none; margin: 28px 0; padding: 0; display: grid; gap: 8px; }
a {
  display: block; min-height: 44px; padding: 10px 16px; border: 1px solid var(--line); border-radius: 10px;
  color: var(--accent); text-decoration: none; font-weight: 600;
}
a span { color: var(--soft); font-weight: 400; margin-left: 8px; }
a:hover, a:focus-visible { border-color: var(--accent); outline: none; box-shadow: 0 0 0 3px rgb(15 91 87 / 0.18); }
.note { margin: 0; color: var(--soft); font-size: 14px; }
@media (max-width: 480px) { main { padding: 28px 20px; } }
"""

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
