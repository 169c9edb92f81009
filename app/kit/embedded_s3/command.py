"""The command line of the server's process."""

import argparse
import sys
from getpass import getpass
from pathlib import Path

from app.kit.embedded_s3.directory import DirectoryUnusable, open_directory
from app.kit.embedded_s3.keys import EncryptionKeys, hold_to
from app.kit.embedded_s3.parent import die_with
from app.kit.embedded_s3.settings import USUAL, Credentials, Patience, ServerSettings, SettingsRefused


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.kit.embedded_s3",
        description="Serve S3 from DIR. The secret key is the first line of standard input; "
        "keys for encryption, if any, are the second: name:BASE64, the one for new objects first.",
    )
    parser.add_argument("dir", metavar="DIR", type=Path, help="where the data lives; made when missing")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--access", required=True, metavar="ACCOUNT:USER", help="the access key")
    parser.add_argument(
        "--cors-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a web origin that may use presigned URLs from a browser; may be given several times",
    )
    for option, default, meaning in (
        ("--head-seconds", USUAL.head_s, "time for a client to send the head of a request"),
        ("--stalled-seconds", USUAL.stalled_s, "time for which a body may come at any speed"),
    ):
        parser.add_argument(option, type=float, default=default, help=f"{meaning} (default: %(default)s)")
    parser.add_argument(
        "--slowest-bytes-per-second",
        type=int,
        default=USUAL.bytes_per_s,
        help="speed at which it must come after that (default: %(default)s)",
    )
    parser.add_argument("--parent", type=int, metavar="PID", help="stop as soon as this parent is gone")
    return parser


def _read_secrets() -> tuple[str, str]:
    if sys.stdin.isatty():
        return getpass("secret key: "), getpass("encryption keys: ")
    return sys.stdin.readline().rstrip("\r\n"), sys.stdin.readline()


def main() -> None:
    """Serve until stopped. Prints one line with the address once requests are accepted."""
    arguments = _parser().parse_args()
    if arguments.parent is not None:
        die_with(arguments.parent)
    try:
        secret_key, encryption = _read_secrets()
        credentials = Credentials.parse(access_key=arguments.access, secret_key=secret_key)
        keys = EncryptionKeys.parse(encryption)
        settings = ServerSettings.parse(
            host=arguments.host,
            port=arguments.port,
            cors_origins=arguments.cors_origin,
            patience=Patience(
                arguments.head_seconds, arguments.stalled_seconds, arguments.slowest_bytes_per_second
            ),
        )
        with open_directory(arguments.dir.absolute()) as directory:
            hold_to(directory, keys)
            # Swift reads its hash seed while it is imported: the directory comes first.
            from app.kit.embedded_s3.servers import serve  # noqa: PLC0415

            serve(directory, credentials=credentials, keys=keys, settings=settings, on_ready=_announce)
    except (SettingsRefused, DirectoryUnusable, OSError) as problem:
        sys.exit(f"embedded S3: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
