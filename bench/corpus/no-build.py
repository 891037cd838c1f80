"""Stands in for every build backend while pip downloads a source distribution.

Before pip keeps the archive it asks the package's backend for metadata, which runs the package's own code and may
compile it. This one answers from PKG-INFO, which every source distribution has, and runs nothing.
"""

import email.parser
import pathlib
import re


class Backend:
    def get_requires_for_build_wheel(self, config_settings=None):
        return []

    def prepare_metadata_for_build_wheel(self, metadata_directory, config_settings=None):
        described = pathlib.Path("PKG-INFO").read_text(encoding="utf-8")
        headers = email.parser.HeaderParser().parsestr(described)
        name = re.sub(r"[^\w\d.]+", "_", headers["Name"])
        folder = f"{name}-{headers['Version']}.dist-info"
        target = pathlib.Path(metadata_directory, folder)
        target.mkdir()
        target.joinpath("METADATA").write_text(described, encoding="utf-8")
        return folder

    def build_wheel(self, *_args, **_options):
        raise NotImplementedError("nothing is built here")

    build_sdist = build_editable = build_wheel


# As setuptools has it: the functions are methods, so that a package's own backend finds a class to inherit from.
__legacy__ = Backend()
get_requires_for_build_wheel = __legacy__.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = __legacy__.prepare_metadata_for_build_wheel
build_wheel = __legacy__.build_wheel
build_sdist = __legacy__.build_sdist
build_editable = __legacy__.build_editable
_BuildMetaBackend = Backend
