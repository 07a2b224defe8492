"""MLflow: https://mlflow.org. On this machine, or on the server that MLFLOW_TRACKING_URI names."""

import os
import re
import time
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit, urlunsplit

from mlflow import MlflowClient, environment_variables, get_tracking_uri
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from PIL import Image

from wgan.trackers.tracker import PICTURES, PROJECT, About, State, Unready, forgotten

STATES: dict[State, str] = {"finished": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}
PARAMS = 100
"""So many may be sent at once."""
LONGEST = 500
"""Characters of a parameter that any version keeps."""


class Mlflow:
    """A run there. What is asked of it is done when a method returns."""

    def __init__(self, about: About) -> None:
        self._client = MlflowClient()
        if about.id is None:
            found = self._client.create_run(self._experiment(), run_name=about.name)
        else:
            try:
                found = self._client.get_run(about.id)
            except MlflowException as error:
                raise (forgotten("MLflow") if error.error_code == "RESOURCE_DOES_NOT_EXIST" else error) from error
            self._client.update_run(about.id, status="RUNNING")
        self.id = found.info.run_id
        place = _without_password(get_tracking_uri())
        path = f"/#/experiments/{found.info.experiment_id}/runs/{self.id}" if place.startswith("http") else ""
        self.where = f"{place}{path}"
        self._settings(about.config, found.data.params)

    @classmethod
    def check(cls, folder: str) -> str:
        place = get_tracking_uri()
        if place.startswith("sqlite") and not (find_spec("sqlalchemy") and find_spec("alembic")):
            raise Unready(
                "MLflow keeps runs in a database, for which mlflow-skinny lacks two libraries: pip install sqlalchemy "
                "alembic, or name a server in MLFLOW_TRACKING_URI."
            )
        allowed = getattr(environment_variables, "MLFLOW_ALLOW_FILE_STORE", None)
        if urlsplit(place).scheme in ("", "file") and allowed is not None and not allowed.get():
            raise Unready(
                f"MLflow no longer keeps runs in folders such as {place}: leave MLFLOW_TRACKING_URI out, set it to "
                "sqlite:///mlflow.db or a server, or add MLFLOW_ALLOW_FILE_STORE=true."
            )
        return _without_password(place)

    def row(self, values: Mapping[str, float], step: int) -> None:
        now = int(1000 * time.time())
        self._client.log_batch(self.id, [Metric(_allowed(name), value, now, step) for name, value in values.items()])

    def picture(self, image: Image.Image, step: int) -> None:
        self._client.log_image(self.id, image, key=PICTURES, step=step)

    def end(self, verdict: Mapping[str, str], state: State) -> None:
        for name, text in verdict.items():
            self._client.set_tag(self.id, name, text)
        self._client.set_terminated(self.id, STATES[state])

    def _experiment(self) -> str:
        if given := os.environ.get("MLFLOW_EXPERIMENT_ID"):
            return given
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or PROJECT
        found = self._client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self._client.create_experiment(name))

    def _settings(self, config: Mapping[str, object], known: Mapping[str, str]) -> None:
        """Settings are parameters, which never change: what a resumed run has otherwise becomes a tag."""
        texts = {_allowed(name): str(value)[:LONGEST] for name, value in config.items() if value != ""}
        new = [Param(name, text) for name, text in texts.items() if name not in known]
        for first in range(0, len(new), PARAMS):
            self._client.log_batch(self.id, params=new[first : first + PARAMS])
        for name, text in texts.items():
            if known.get(name, text) != text:
                self._client.set_tag(self.id, f"resumed.{name}", text)


def _allowed(name: str) -> str:
    """The name with nothing in it but what names of MLflow may have."""
    return re.sub(r"[^\w\-. :/]", "_", name)


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.password else uri
