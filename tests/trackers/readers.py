"""What trackers have kept on this machine, by readers that are not the program's."""

import json
import os
import struct
import subprocess
import sys

BLOCK, HEADER = 32768, struct.Struct("<IHB")


def wandb_records(folder):
    """All records of all files of a run, oldest first: LevelDB's log format around protocol buffers."""
    from wandb.proto.wandb_internal_pb2 import Record

    for file in sorted(folder.glob("wandb/offline-run-*/run-*.wandb")):
        content, place, whole = file.read_bytes(), 7, b""
        while place + HEADER.size <= len(content):
            if (left := BLOCK - place % BLOCK) < HEADER.size:
                place += left
                continue
            _, length, kind = HEADER.unpack_from(content, place)
            place += HEADER.size
            whole += content[place : place + length]
            place += length
            if kind in (1, 4):  # all of it, or its last part
                yield Record.FromString(whole)
                whole = b""


def wandb_rows(folder):
    """Rows of the history in their order, and the last summary."""
    rows, summary = [], {}
    for record in wandb_records(folder):
        items = record.history.item if record.HasField("history") else ()
        if items:
            rows.append({item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items})
        for item in record.summary.update if record.HasField("summary") else ():
            summary[item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
    return rows, summary


READ = {
    "trackio": """
import json, os, trackio
from trackio.sqlite_storage import SQLiteStorage
runs = {}
for run in trackio.Api().runs("wgan"):
    rows = SQLiteStorage.get_logs("wgan", run.name, run_id=run.id)
    runs[run.name] = {"rows": rows, "config": run.config, "alerts": run.alerts()}
print(json.dumps(runs))
""",
    "mlflow": """
import json
from mlflow import MlflowClient
client, runs = MlflowClient(), {}
(experiment,) = [one.experiment_id for one in client.search_experiments() if one.name == "wgan"]
for run in client.search_runs([experiment]):
    key = run.info.run_id
    history = {name: [(m.step, m.value) for m in client.get_metric_history(key, name)] for name in run.data.metrics}
    pictures = [file.path for file in client.list_artifacts(key, "images")]
    runs[run.info.run_name] = {
        "history": history, "params": run.data.params, "tags": run.data.tags, "status": run.info.status,
        "user": run.info.user_id, "pictures": pictures,
    }
print(json.dumps(runs))
""",
}


def stored(name):
    """By the name of a run, what a library reads back: in a process of its own, since it is slow to let go."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ[name]], capture_output=True, text=True, check=True, env=os.environ
    )
    return json.loads(done.stdout.splitlines()[-1])
