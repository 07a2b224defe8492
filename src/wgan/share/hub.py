"""Puts an exported folder on the Hugging Face hub: the one place where something leaves the machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wgan.errors import InputError, TrainingError, in_short
from wgan.runs.hub import NAME, NEEDED, hub
from wgan.share.folder import FILES

MESSAGE = "Upload with wgan export"


def checked_repository(text: str) -> str:
    """`owner/name` as the hub takes it.

    Raises:
        InputError: it is none, or the library is not installed.
    """
    library = hub()
    try:
        if (found := NAME.fullmatch(text.removeprefix("hf:"))) is None or found["revision"]:
            raise ValueError("it needs an owner and a name")
        library.utils.validate_repo_id(found["id"])
    except ValueError as error:
        raise InputError(
            f"'{text}' is no name for the hub: {in_short(error).rstrip('.')}. Write --push OWNER/NAME, with letters, "
            "digits, -, _ and . alone."
        ) from error
    return str(found["id"])


def push_folder(folder: Path, repository: str, *, private: bool = False) -> str:
    """Upload the files of an exported folder in one commit, and return its address.

    What an earlier export left there and this one lacks is deleted in the same commit. Other files stay.

    Raises:
        InputError: the folder holds no generator, there is no token, it may not write there, or the repository is
            public and should be private.
        TrainingError: the hub cannot be reached, or refuses.
    """
    library = hub()
    here = _files_in(folder)
    api = library.HfApi(library_name="wgan")
    try:
        address = api.create_repo(repository, private=private or None, exist_ok=True)
        there = api.model_info(repository)
        if private and not there.private:  # what is there already keeps its visibility
            raise InputError(
                f"{repository} is already on the hub and is public: nothing was uploaded. Make it private in its "
                "settings there, choose another name, or leave --private out."
            )
        operations = [library.CommitOperationAdd(name, path) for name, path in here.items()]
        gone = _left_over({file.rfilename for file in there.siblings or ()}, here)
        operations += [library.CommitOperationDelete(name) for name in gone]
        api.create_commit(repository, operations, commit_message=MESSAGE)
    except InputError:
        raise
    except Exception as error:  # of many kinds
        raise _explained(library, error, folder, repository) from error
    return str(address)


def _files_in(folder: Path) -> dict[str, Path]:
    """The files to upload, by name. An InputError says if the generator is not among them."""
    here = {name: folder / name for name in FILES if (folder / name).is_file()}
    if lacking := [name for name in NEEDED if name not in here]:
        raise InputError(f"{folder} has no {' and no '.join(lacking)}: nothing was uploaded. Export the run again.")
    return here


def _left_over(there: set[str], here: Mapping[str, Path]) -> list[str]:
    """What an earlier export left in the repository. In one that holds no export, no file is ours."""
    return [name for name in FILES if name in there and name not in here] if there >= {*NEEDED} else []


def _explained(library: Any, error: Exception, folder: Path, repository: str) -> Exception:
    """The error in a paragraph: what is wrong, what there is, what to do."""
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):  # of one of the library's threads
        error = error.__cause__
    again = f"The folder {folder} is written; the same command uploads it."
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, library.errors.LocalTokenNotFoundError) or status == 401:
        return InputError(
            f"The hub does not know you: there is no token, or it is not valid. Log in with `hf auth login`, or set "
            f"HF_TOKEN, with a token that may write. {again}"
        )
    if status == 403 or isinstance(error, library.errors.RepositoryNotFoundError):
        return InputError(
            f"Your token may not write to {repository}: {_reason(error)}. Use a token with the right to write, or a "
            f"name of your own. {again}"
        )
    if isinstance(error, library.errors.OfflineModeIsEnabled):
        return InputError(f"HF_HUB_OFFLINE is set, so nothing is uploaded. Unset it. {again}")
    if status is not None:
        return TrainingError(f"The hub refused {repository} with {status}: {_reason(error)}. {again}")
    reason = in_short(error).rstrip(".")
    if isinstance(error, OSError) or type(error).__module__.startswith("httpx"):
        return TrainingError(f"The hub cannot be reached: {type(error).__name__}: {reason}. {again}")
    return TrainingError(f"Uploading to {repository} failed: {type(error).__name__}: {reason}. {again}")


def _reason(error: Exception) -> str:
    return str(getattr(error, "server_message", None) or in_short(error)).strip().rstrip(".")
