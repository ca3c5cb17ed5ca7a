"""What is taken in, and what became of it."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from samespace.api.schemas.base import Encoding, ExternalId, Model, Name, Text


class NewDocument(Model):
    """A text to be taken in, or the URL of a document; `metadata` is an object.

    `encoding` is what its text is in, where that is known; without, it is told by the bytes or guessed.
    A URL is fetched before the request is answered, and is the document's `external_id` where none is given.
    """

    text: Text | None = None
    url: Text | None = Field(None, max_length=2048)
    name: Name | None = None
    external_id: ExternalId | None = None
    metadata: Any = None
    encoding: Encoding | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.text is None) == (self.url is None):
            raise ValueError("one of text and url is needed")
        if self.encoding is not None and self.url is None:
            raise ValueError("encoding goes with url: a text is sent as Unicode")
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

    documents: list[NewDocument] = Field(min_length=1)


class FileNote(Model):
    """What is said of one of the files of a form; with `is_text` it is taken as the text it is, not as a file,
    though it may look like HTML."""

    external_id: ExternalId | None = None
    metadata: Any = None
    name: Name | None = None
    is_text: bool = False
    encoding: Encoding | None = None


class FilesForm(BaseModel):
    """Files to be taken in; `documents` is a JSON list with a note for each file, in their order."""

    file: list[Annotated[str, Field(json_schema_extra={"format": "binary"})]]
    documents: str | None = Field(None, examples=['[{"external_id": "a.jpg"}]'])
    metadata: str | None = Field(
        None, description="A JSON object for all files.", examples=['{"album": "summer"}']
    )
    encoding: str | None = Field(
        None, description="What the text of all files is in that say nothing else of themselves."
    )


class Accepted(Model):
    """A document that was accepted."""

    id: str
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
