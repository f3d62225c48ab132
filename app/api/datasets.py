"""The named data sets, and those that people bring."""

from dataclasses import asdict
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response

from app.api.dependencies import BINARY, IMMUTABLE, IN_TURN, TABULAR, SettingsDep, UploadsDep, problems
from app.csv_data import Table, preview_of, table_in, text_of
from app.csv_rows import LONGEST_NAME, sheet_of
from app.encoding import json_bytes, respond
from app.examples import TABLE, UPLOAD, shown
from app.npy_data import is_numpy, sheet_of_arrays
from app.problems import Problem
from app.schemas.answers import DatasetsAnswer, PreviewAnswer, UploadAnswer
from engine.datasets import DATASETS, TEST_FRACTION, DatasetInfo, load, selecting

router = APIRouter(prefix="/datasets", tags=["data sets"])

KEPT: dict[int | str, dict[str, Any]] = {
    200: {"model": UploadAnswer | PreviewAnswer, "description": "Known already; or the preview"},
    201: {"model": UploadAnswer, "description": "Kept"},
}

DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"model": UploadAnswer, "content": {"text/csv": {}}, "description": "The upload"}
}

FILES = {"requestBody": {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}}

MOST_LEFT_OUT = 100
"""Columns that one request may name; more would not fit into its address."""

Name = Annotated[str, Query(max_length=LONGEST_NAME)]


@router.get("", response_model=DatasetsAnswer, responses=problems(422), dependencies=IMMUTABLE)
def datasets(request: Request) -> Response:
    """The data sets that a spec may name, with their options."""
    return respond(request, json_bytes(_catalogue()))


@router.post(
    "",
    status_code=201,
    responses={**KEPT, **problems(400, 413, 415, 422)},
    dependencies=[IN_TURN, *TABULAR],
    openapi_extra=FILES,
)
def upload(
    request: Request,
    uploads: UploadsDep,
    settings: SettingsDep,
    table: Annotated[bytes, Body(media_type="text/csv", openapi_examples=shown(TABLE))] = b"",
    label: Annotated[
        Name | None, Query(description="The column that says what each row is; the last.")
    ] = None,
    without: Annotated[list[Name], Query(max_length=MOST_LEFT_OUT, description="Columns to leave out.")] = [],  # noqa: B006
    preview: Annotated[bool, Query(description="Keep nothing: say what is there, to choose from.")] = False,
) -> Response:
    """Keep a table of one's own, for specs to name it by its hash: `{"dataset": {"upload": HASH}}`.

    Text in UTF-8, a row a sample, with commas, semicolons or tabs, below a header or none; all columns but
    the label's are numbers. Or NumPy's files, as application/octet-stream: what `numpy.savez(file, input=…,
    target=…)` writes, with the columns' names as `features` where they have some; or one array, whose last
    column is the label.
    """
    sheet = (
        sheet_of_arrays(table, settings.max_body_bytes)
        if is_numpy(table)
        else sheet_of(table, None if preview else label)
    )
    if preview:
        found = preview_of(sheet)
        members = {
            "delimiter": sheet.delimiter,
            "header": sheet.headed,
            "samples": found.samples,
            "label": found.label,
            "columns": [asdict(column) for column in found.columns],
            "rows": found.rows,
        }
        return respond(request, json_bytes(members))
    read = table_in(sheet, label, without)
    digest, new = uploads.add(read)
    response = respond(request, json_bytes(_uploaded(digest, read)), status=201 if new else 200)
    response.headers["Location"] = str(request.url_for("uploaded", upload=digest).path)
    return response


@router.get("/{upload}", responses={**DESCRIBED, **problems(404, 422)}, dependencies=IMMUTABLE)
def uploaded(
    request: Request,
    uploads: UploadsDep,
    upload: Annotated[
        str, Path(description="Its hash.", pattern="^[0-9a-f]{64}$", openapi_examples=shown(UPLOAD))
    ],
    form: Annotated[
        Literal["json", "csv"], Query(alias="format", description="JSON, or the table as text.")
    ] = "json",
) -> Response:
    """Data that were uploaded: their names and sizes; as csv, all of them, to be uploaded elsewhere."""
    table = uploads.find(upload)
    if table is None:
        raise Problem("not_found", "There are no data of this hash.")
    if form == "csv":
        return respond(request, text_of(table).encode(), "text/csv; charset=utf-8", name=f"{upload[:12]}.csv")
    return respond(request, json_bytes(_uploaded(upload, table)))


@cache
def _catalogue() -> dict[str, Any]:
    return {"datasets": [_described(info) for info in DATASETS.values()]}


def _described(info: DatasetInfo) -> dict[str, Any]:
    sample = load(info.name)
    return {
        "name": info.name,
        "target": info.target,
        "samples": len(sample.input),
        "features": sample.features,
        "classes": sample.classes,
        "options": [asdict(option) for option in (*info.options, TEST_FRACTION)],
    }


def _uploaded(digest: str, table: Table) -> dict[str, Any]:
    samples, *_ = table.data.shape
    return {
        "upload": digest,
        "label": table.label,
        "target": "index",
        "samples": samples,
        "features": table.data.features,
        "classes": table.data.classes,
        "options": [asdict(option) for option in (*selecting(samples), TEST_FRACTION)],
    }
