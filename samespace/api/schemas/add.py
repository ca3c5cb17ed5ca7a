"""What is taken in, and what became of it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from samespace.api.schemas.base import ExternalId, Model, Name, Text


class TextDocument(Model):
    """A text to be taken in; `metadata` is an object."""

    text: Text
    name: Name | None = None
    external_id: ExternalId | None = None
    metadata: Any = None


class NewTexts(Model):
    """Texts to be taken in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"documents": [{"text": "A red car in the rain.", "metadata": {"year": 1999}}]}
            ]
        }
    )

    documents: list[TextDocument] = Field(min_length=1)


class FileNote(Model):
    """What is said of one of the files of a form."""

    external_id: ExternalId | None = None
    metadata: Any = None
    name: Name | None = None


class FilesForm(BaseModel):
    """Files to be taken in; `documents` is a JSON list with a note for each file, in their order."""

    file: list[Annotated[str, Field(json_schema_extra={"format": "binary"})]]
    documents: str | None = Field(None, examples=['[{"external_id": "a.jpg"}]'])
    metadata: str | None = Field(
        None, description="A JSON object for all files.", examples=['{"album": "summer"}']
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
