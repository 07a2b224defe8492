import pytest

from wgan.data.sources.formats import format_of


@pytest.fixture
def read(tmp_path):
    """Write a file with a function, and read it by its name."""

    def written(name, write, *args, **options):
        path = tmp_path / name
        write(path, *args, **options)
        return format_of(path).read(path)

    return written
