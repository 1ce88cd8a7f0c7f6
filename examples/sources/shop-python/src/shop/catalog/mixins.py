"""Small abilities that products share."""


class Described:
    name: str

    def describe(self) -> str:
        return f"{type(self).__name__} “{self.name}” 🛒"

    def slug(self) -> str:
        return "-".join(self.name.lower().split())


class Tagged:
    tags: set[str]

    def tag(self, *names: str) -> "Tagged":
        self.tags.update(name.strip() for name in names)
        return self

    def shares(self, other: "Tagged") -> bool:
        return bool(self.tags & other.tags)
