"""What a browser may do on our pages: run and load what is ours, reach us and the object store, and nothing else."""

from urllib.parse import urlsplit

from app.kit.storage import Storage

PERMISSIONS = ", ".join(
    [
        *(f"{ours}=(self)" for ours in ("camera", "geolocation", "microphone", "screen-wake-lock")),
        *(f"{nobody}=()" for nobody in ("browsing-topics", "display-capture", "payment", "usb")),
    ]
)


def of_pages(storage: Storage) -> str:
    """No inline script or style, no frame, no form that leaves; recordings play from, and go to, the store."""
    store = _origin(storage)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src 'self' data: blob: {store}",
            f"media-src 'self' blob: {store}",
            f"connect-src 'self' {store}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def of_workers(storage: Storage) -> str:
    """A worker hashes gigabytes in WebAssembly, which pages may not run."""
    return f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {_origin(storage)}"


def _origin(storage: Storage) -> str:
    parts = urlsplit(storage.public_endpoint_url)
    return f"{parts.scheme}://{parts.netloc}"
