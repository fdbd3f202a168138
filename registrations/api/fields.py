"""Fields that take what the forms take and nothing else, and answers cut to what was asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from registrations.forms.brand import plain_phone
from registrations.forms.registration import no_unseen_signs, one_line
from registrations.models.secret import SecretField


class Text(serializers.CharField):
    """A string; line ends are counted once, whoever wrote them."""

    validator = staticmethod(no_unseen_signs)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(self.validator)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data.replace("\r\n", "\n"))


class Line(Text):
    validator = staticmethod(one_line)


class Country(Line):
    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).upper()


class Phone(Line):
    """As people write it: +1 (415) 555-0101. It is kept as +14155550101."""

    def to_internal_value(self, data: Any) -> str:
        return plain_phone(super().to_internal_value(data))


class Tick(serializers.BooleanField):
    """true or false, and no word that may mean either."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ByName(serializers.SlugRelatedField):
    """Another row by its name: a reference, or the auth id of an account.

    What the caller may not know of and what there is not are told alike.
    """

    default_error_messages = {
        "does_not_exist": "There is none of this name that you may use.",
        "invalid": "Give its name, as a string.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not (data.isascii() and data.isprintable()):
            self.fail("invalid")
        name = data.strip()
        return super().to_internal_value(name.upper() if self.slug_field == "reference" else name)


class ById(serializers.PrimaryKeyRelatedField):
    """Another row by its number; others' and none are told alike."""

    default_error_messages = {"does_not_exist": "There is none of this number that you may use."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class Strict(serializers.Serializer):
    """A body whose every field is understood; what is not is refused by name, not passed over.

    `fixed` are fields that are given once, when the thing is made.
    """

    fixed: Collection[str] = ()

    def to_internal_value(self, data: Any) -> Any:
        refused = dict(self._refused(data)) if isinstance(data, Mapping) else {}
        try:
            told = super().to_internal_value(data)
        except ValidationError as trouble:
            raise ValidationError({**trouble.detail, **refused}) from trouble  # type: ignore[dict-item]
        if refused:
            raise ValidationError(refused)
        return told

    def _refused(self, data: Mapping[str, Any]) -> Any:
        for name in data:
            field = self.fields.get(name)
            if field is None:
                yield name, [ErrorDetail("There is no field of this name.", "unknown_field")]
            elif field.read_only or (self.instance is not None and name in self.fixed):
                yield name, [ErrorDetail("This cannot be set so.", "read_only")]


class Sparse(serializers.Serializer):
    """An answer that tells all of its fields, or `only` these."""

    def __init__(self, *args: Any, only: Collection[str] | None = None, **kwargs: Any) -> None:
        self.only = only
        super().__init__(*args, **kwargs)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if self.only is None:
            return fields
        return {name: field for name, field in fields.items() if name in self.only}


class Telling(Sparse, serializers.ModelSerializer):
    """An answer as the model has it; where a choice may be empty there, the schema says so."""

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        may_be_empty = kwargs.get("allow_blank") and "choices" in kwargs
        told = super().include_extra_kwargs(kwargs, extra_kwargs)
        # The framework forgets this of what is only read.
        return {**told, "allow_blank": True} if may_be_empty else told


class StrictModelSerializer(Strict, serializers.ModelSerializer):
    """Fields as the model has them, in their strict form."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: Line,
        models.TextField: Text,
        models.BooleanField: Tick,
        SecretField: Line,
    }
