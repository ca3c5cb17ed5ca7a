"""What is taken in, and what became of it."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from samespace.api.schemas.base import MOST_INPUTS, ExternalId, Model, Name, Text


class NewDocument(Model):
    """A text to be taken in, or the URL of a document; `metadata` is an object.

    A URL is fetched before the request is answered, and is the document's `external_id` where none is given.
    """

    text: Text | None = None
    url: Text | None = Field(None, max_length=2048)
    name: Name | None = None
    external_id: ExternalId | None = None
    metadata: Any = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.text is None) == (self.url is None):
            raise ValueError("one of text and url is needed")
        return self


class NewDocuments(Model):
    """Texts and URLs to be taken in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"documents": [{"text": "A red car in the rain.", "metadata": {"year": 1999}}]}
            ]
        }
    )

    documents: list[NewDocument] = Field(min_length=1, max_length=MOST_INPUTS)


class FileNote(Model):
    """What is said of one of the files of a form; with `is_text` it is taken as the text it is, not as a file,
    though it may look like HTML."""

    external_id: ExternalId | None = None
    metadata: Any = None
    name: Name | None = None
    is_text: bool = False


class FilesForm(BaseModel):
    """Files to be taken in; `documents` is a JSON list with a note for each file, in their order."""

    file: list[
        Annotated[
            str,
            Field(
                json_schema_extra={"format": "binary"},
                description="Bounded by SAMESPACE_MAX_FILE_BYTES.",
            ),
        ]
    ] = Field(max_length=MOST_INPUTS)
    documents: Text | None = Field(None, examples=['[{"external_id": "a.jpg"}]'])
    metadata: Text | None = Field(
        None,
        description="A JSON object for all files, bounded by SAMESPACE_MAX_JSON_BYTES.",
        examples=['{"album": "summer"}'],
    )


class Accepted(Model):
    """A document that was accepted, and the job it comes in by.

    One whose outcome is `unchanged` and whose state is not final was sent before and is still coming in: its job is
    that of the earlier upload.
    """

    id: str
    job_id: str | None
    name: str
    external_id: str | None
    state: str
    outcome: str
    warnings: list[str]


class ErrorView(Model):
    """Why a document was refused."""

    code: str
    detail: str


class Refused(Model):
    """A document that was not accepted."""

    name: str
    error: ErrorView


class UploadView(Model):
    """What an upload came to, document by document, in the order they were sent."""

    job_id: str
    documents: list[Accepted | Refused]
