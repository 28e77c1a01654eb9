"""Prints the rows of a DVMap split, for Axiometer to read.

    read_dvmap.py [--system FILE] FILE...

The files are the shards of one split, in order, each of any of these containers, told by its first
bytes: Parquet, an Arrow IPC stream (what `datasets` saves to disk, whatever the ending), an Arrow
IPC file, or JSON Lines. The first three need pyarrow; JSON Lines needs nothing but Python.

One line of JSON each to standard output:

    {"system": TEXT}                    of --system: the string that the module FILE, which is not
                                        run, assigns to SYSTEM_PROMPT
    {"file": PATH, "header": [[COLUMN, TYPE], ...]}     before the rows of each file
    [CELL, ...]                         a row, cells in the header's order: text, number or null
    {"error": TEXT, "where": TEXT, "hint": TEXT}        the last line, if something is wrong
    {"end": ROWS}                       the last line, if nothing is

TYPE is "text", "number", "null", or, for what has no cells here (they are null), its Arrow name.
Rows in messages count from 0 within their file.
"""

import ast
import contextlib
import io
import json
import math
import sys

BATCH_ROWS = 1000
INSTALL = "install it with: %s -m pip install pyarrow"


class Unreadable(Exception):
    """A file that cannot be read: what is wrong, where, and what to do."""

    def __init__(self, where, what, hint=""):
        super().__init__(what)
        self.where = where
        self.what = what
        self.hint = hint


def one_line(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:300] + "…"


def emit(value):
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def system_prompt(path):
    try:
        with open(path, encoding="utf-8") as file:
            module = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable(path, "cannot be read as Python: " + one_line(error)) from error
    for node in module.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if "SYSTEM_PROMPT" in names and isinstance(node.value.value, str):
            return node.value.value
    raise Unreadable(path, "assigns no text to SYSTEM_PROMPT")


def load_pyarrow():
    import pyarrow
    import pyarrow.ipc
    import pyarrow.parquet
    return pyarrow


def import_pyarrow():
    # numpy, which nothing here uses, takes two thirds of the start; from version 18 on pyarrow does without.
    sys.modules["numpy"] = None
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return load_pyarrow()
    except ImportError:
        for name in [name for name in sys.modules if name.split(".")[0] == "pyarrow"]:
            del sys.modules[name]
    finally:
        del sys.modules["numpy"]
    try:
        return load_pyarrow()
    except ImportError as error:
        raise Unreadable("", "reading Parquet and Arrow files needs pyarrow, which %s lacks: %s"
                         % (sys.executable, one_line(error)), INSTALL % sys.executable) from error


def kind_of(pyarrow, arrow_type):
    types = pyarrow.types
    if types.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    if types.is_string(arrow_type) or types.is_large_string(arrow_type):
        return "text"
    if hasattr(types, "is_string_view") and types.is_string_view(arrow_type):
        return "text"
    if types.is_floating(arrow_type) or types.is_integer(arrow_type):
        return "number"
    return "null" if types.is_null(arrow_type) else str(arrow_type)


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def cells(column, kind, name, first_row, path):
    """The cells of one column of a batch."""
    if kind not in ("text", "number"):
        return [None] * len(column)
    try:
        return [plain(value) for value in column.to_pylist()]
    except UnicodeDecodeError:
        for i in range(len(column)):
            try:
                column[i].as_py()
            except UnicodeDecodeError as error:
                raise Unreadable(path, 'row %d, column "%s": not UTF-8 text' % (first_row + i, name)) from error
        raise


def print_batches(pyarrow, path, schema, batches):
    """Prints header and rows; returns how many. `batches` yields record batches."""
    kinds = [kind_of(pyarrow, field.type) for field in schema]
    emit({"file": path, "header": [[field.name, kind] for field, kind in zip(schema, kinds)]})
    rows = 0
    for batch in batches:
        columns = [cells(batch.column(i), kinds[i], schema[i].name, rows, path) for i in range(len(kinds))]
        for row in zip(*columns):
            emit(row)
        rows += batch.num_rows
    return rows


def blame_parquet(pyarrow, path, error):
    """Which column of the file cannot be read, and from which row on."""
    # By place: two columns may have one name.
    file = pyarrow.parquet.ParquetFile(path)
    for i, name in enumerate(file.schema_arrow.names):
        for batch_rows in (BATCH_ROWS, 1):  # the second time to the row
            rows = 0
            try:
                for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_rows, columns=[name]):
                    batch.column(0).validate(full=True)
                    rows += batch.num_rows
            except (pyarrow.ArrowException, OSError, ValueError) as problem:
                if batch_rows == 1:
                    return Unreadable(path, 'column "%s": a page cannot be read, from row %d of %d on: %s'
                                      % (name, rows, file.metadata.num_rows, one_line(problem)),
                                      "the file is damaged: download it again")
                continue
            break
    return Unreadable(path, "cannot be read: " + one_line(error), "the file is damaged: download it again")


def read_parquet(path):
    pyarrow = import_pyarrow()
    damaged = (pyarrow.ArrowException, OSError, ValueError)
    try:
        file = pyarrow.parquet.ParquetFile(path)
        schema = file.schema_arrow
    except damaged as error:
        raise Unreadable(path, "no readable Parquet file: " + one_line(error),
                         "the file is damaged or cut off: download it again") from error
    try:
        return print_batches(pyarrow, path, schema, file.iter_batches(BATCH_ROWS))
    except damaged as error:
        raise blame_parquet(pyarrow, path, error) from error


def read_arrow(path, open_reader, what):
    pyarrow = import_pyarrow()
    damaged = (pyarrow.ArrowException, OSError, ValueError)
    with open(path, "rb") as source:
        try:
            reader = open_reader(pyarrow.ipc, source)
        except damaged as error:
            raise Unreadable(path, "no readable Arrow %s: %s" % (what, one_line(error)),
                             "the file is damaged or no data set: download it again") from error
        done = [0, 0]  # batches and rows

        def batches():
            count = getattr(reader, "num_record_batches", None)
            while count is None or done[0] < count:
                try:
                    batch = reader.read_next_batch() if count is None else reader.get_batch(done[0])
                    batch.validate(full=True)
                except StopIteration:
                    return
                except damaged as error:
                    raise Unreadable(path, "record batch %d, after %d rows, cannot be read: %s"
                                     % (done[0], done[1], one_line(error)),
                                     "the file is damaged or cut off: download it again") from error
                yield batch
                done[0] += 1
                done[1] += batch.num_rows

        return print_batches(pyarrow, path, reader.schema, batches())


def read_json_lines(path):
    header = None
    rows = 0
    with open(path, encoding="utf-8-sig") as file:
        line_number = 0
        while True:
            line_number += 1
            where = "%s:%d" % (path, line_number)
            try:
                line = file.readline()
            except UnicodeDecodeError as error:
                raise Unreadable(where, "not UTF-8 text") from error
            if not line:
                break
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise Unreadable(where, "no JSON: " + one_line(error)) from error
            if not isinstance(row, dict):
                raise Unreadable(where, "expected an object, one row of the data set")
            if header is None:
                header = list(row)
                kinds = ["number" if isinstance(row[name], (int, float)) and not isinstance(row[name], bool)
                         else "text" for name in header]
                emit({"file": path, "header": [list(pair) for pair in zip(header, kinds)]})
            unknown = [name for name in row if name not in header]
            if unknown:
                raise Unreadable(where, 'column "%s" is not in the first row' % unknown[0])
            emit([plain(row.get(name)) for name in header])
            rows += 1
    if header is None:
        raise Unreadable(path, "has no rows")
    return rows


def read(path):
    try:
        with open(path, "rb") as file:
            head = file.read(200)
    except OSError as error:
        raise Unreadable(path, "cannot be opened: " + one_line(error.strerror or error)) from error
    if head.startswith(b"PAR1"):
        return read_parquet(path)
    if head.startswith(b"ARROW1"):
        return read_arrow(path, lambda ipc, source: ipc.open_file(source), "file")
    if head.startswith(b"version https://git-lfs"):
        raise Unreadable(path, "a Git LFS pointer, not the data itself", "run `git lfs pull` in the checkout")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return read_json_lines(path)
    if not head:
        raise Unreadable(path, "the file is empty", "download it again")
    return read_arrow(path, lambda ipc, source: ipc.open_stream(source), "stream")


def main(arguments):
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        if arguments[:1] == ["--system"]:
            emit({"system": system_prompt(arguments[1])})
            arguments = arguments[2:]
        emit({"end": sum(read(path) for path in arguments)})
    except Unreadable as error:
        emit({"error": error.what, "where": error.where, "hint": error.hint})


if __name__ == "__main__":
    main(sys.argv[1:])
