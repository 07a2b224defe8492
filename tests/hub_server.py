"""A server on this machine that plays the hub's API, as far as `huggingface_hub` uses it for models, and keeps all."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlparse

import yaml

TOKEN = "hf_of_the_test"
LARGE = (".safetensors", ".png", ".onnx")


@dataclass
class Repository:
    private: bool = False
    files: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"0" * 40: {}})
    """By commit."""
    branches: dict[str, str] = field(default_factory=lambda: {"main": "0" * 40})

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = self.branches.get(revision, revision)
        return (commit, self.files[commit]) if commit in self.files else None

    def commit(self, files: dict[str, bytes]) -> str:
        sha = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.files[sha] = files
        self.branches["main"] = sha
        return sha


@dataclass
class Hub:
    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    """Large files by their SHA-256."""
    asked: list[str] = field(default_factory=list)
    """Methods and paths of the requests."""
    read_only: bool = False
    """Whether the token may not write."""
    sizes: dict[str, int | None] = field(default_factory=dict)
    """What it says instead of the sizes of some files."""


class Answer(NamedTuple):
    status: int
    content: object = b""
    headers: Mapping[str, str] = MappingProxyType({})


NOT_FOUND = Answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})


def oid(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        return self.server.hub

    def log_message(self, *_):
        pass

    def pieces(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while length := int(self.rfile.readline(), 16):
            yield self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()

    def handle_one(self):
        body = b"".join(self.pieces())
        path = unquote(urlparse(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        method = "GET" if self.command == "HEAD" else self.command
        for (verb, pattern), answer in ANSWERS.items():
            if verb == method and (found := re.fullmatch(pattern, path)):
                writes = method != "GET" and not path.startswith("/objects/")
                if writes and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    return self.reply(Answer(401, {"error": "Invalid credentials"}))
                if writes and self.hub.read_only:
                    return self.reply(Answer(403, {"error": "You need a token that may write"}))
                return self.reply(answer(self.hub, body, **found.groupdict()))
        return self.reply(Answer(404, {"error": f"no {path}"}))

    do_GET = do_HEAD = do_POST = do_PUT = handle_one

    def reply(self, answer):
        content = answer.content if isinstance(answer.content, bytes) else json.dumps(answer.content).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def create(hub, body):
    wanted = json.loads(body)
    name = f"{wanted['organization']}/{wanted['name']}"
    if name in hub.repositories:
        return Answer(409, {"error": "You already created this model repo", "url": f"{hub.address}/{name}"})
    hub.repositories[name] = Repository(private=wanted.get("visibility") == "private" or bool(wanted.get("private")))
    return Answer(200, {"url": f"{hub.address}/{name}", "id": name})


def info(hub, body, name, revision="main"):
    if (repository := hub.repositories.get(name)) is None:
        return NOT_FOUND
    if (found := repository.at(revision or "main")) is None:
        return Answer(404, {"error": "no revision"}, {"X-Error-Code": "RevisionNotFound"})
    commit, files = found
    siblings = [
        {"rfilename": path, "size": hub.sizes.get(path, len(content)), "blobId": oid(content)}
        for path, content in files.items()
    ]
    return Answer(200, {"id": name, "sha": commit, "private": repository.private, "siblings": siblings})


def tree(hub, body, name, revision):
    _, files = hub.repositories[name].at(revision)
    rows = []
    for path, content in files.items():
        row = {"type": "file", "path": path, "size": len(content), "oid": oid(content)}
        if path.endswith(LARGE):
            row["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": 130}
        rows.append(row)
    return Answer(200, rows)


def resolve(hub, body, name, revision, path):
    commit, files = hub.repositories[name].at(revision)
    if path not in files:
        return Answer(404, {"error": "no such file"}, {"X-Error-Code": "EntryNotFound"})
    content = files[path]
    tag = sha256(content) if path.endswith(LARGE) else oid(content)
    return Answer(200, content, {"X-Repo-Commit": commit, "ETag": f'"{tag}"'})


def validate(hub, body):
    text = json.loads(body)["content"]
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    values = yaml.safe_load(head[1])
    errors = [] if isinstance(values, dict) else [{"message": "no mapping"}]
    return Answer(400 if errors else 200, {"errors": errors, "warnings": []})


def preupload(hub, body, name, revision):
    def mode(file):
        return {"path": file["path"], "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular"}

    return Answer(200, {"files": [{**mode(file), "shouldIgnore": False} for file in json.loads(body)["files"]]})


def batch(hub, body, name):
    def actions(one):
        return {**one, "actions": {"upload": {"href": f"{hub.address}/objects/{one['oid']}"}}}

    return Answer(200, {"transfer": "basic", "objects": [actions(one) for one in json.loads(body)["objects"]]})


def put(hub, body, oid):
    assert sha256(body) == oid
    hub.objects[oid] = body
    return Answer(200)


def commit(hub, body, name, revision):
    repository = hub.repositories[name]
    files = dict(repository.at(revision)[1])
    for line in body.splitlines():
        step = json.loads(line)
        value = step["value"]
        match step["key"]:
            case "file":
                files[value["path"]] = base64.b64decode(value["content"])
            case "lfsFile":
                files[value["path"]] = hub.objects[value["oid"]]
            case "deletedFile":
                del files[value["path"]]
    sha = repository.commit(files)
    return Answer(200, {"commitUrl": f"{hub.address}/{name}/commit/{sha}", "commitOid": sha, "success": True})


NAME = r"(?P<name>[^/]+/[^/]+)"
ANSWERS = {
    ("POST", "/api/repos/create"): create,
    ("POST", "/api/validate-yaml"): validate,
    ("POST", rf"/api/models/{NAME}/preupload/(?P<revision>[^/]+)"): preupload,
    ("POST", rf"/api/models/{NAME}/commit/(?P<revision>[^/]+)"): commit,
    ("POST", rf"/{NAME}\.git/info/lfs/objects/batch"): batch,
    ("PUT", "/objects/(?P<oid>[0-9a-f]{64})"): put,
    ("GET", rf"/api/models/{NAME}"): info,
    ("GET", rf"/api/models/{NAME}/revision/(?P<revision>[^/]+)"): info,
    ("GET", rf"/api/models/{NAME}/tree/(?P<revision>[^/]+)"): tree,
    ("GET", rf"/{NAME}/resolve/(?P<revision>[^/]+)/(?P<path>.+)"): resolve,
}


@contextmanager
def serving():
    """A hub that answers while the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.hub = Hub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
