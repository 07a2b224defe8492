"""What the script of a page says, in the language of whoever writes the page."""

from wgan.language import say


def page_words() -> dict[str, str]:
    """What the script says. Its own names in braces are filled in there."""
    return {
        "ready": say("The generator runs in this page: ready in {seconds} s.", seconds="{seconds}"),
        "failed": say("The generator cannot run here. A current browser with WebAssembly is needed."),
        "sample": say("Sample {index} of seed {seed}", index="{index}", seed="{seed}"),
        "between": say("Between two samples"),
        "moved": say("(moved)"),
        "truncated": say("(truncated)"),
        "pick": say("Pick"),
        "none": say("none"),
        "copy": say("Copy command"),
        "copied": say("Copied"),
        "no_command": say("Between two classes there is nothing that a command can ask for."),
        "plane": say("principal {a} and {b}", a="{a}", b="{b}"),
        "random": say("two at random"),
        "direction": say("Principal direction {k}: {share} of the variance", k="{k}", share="{share}"),
        "checked": say(
            "Here, {count} samples differ from PyTorch's by {difference} at most.",
            count="{count}",
            difference="{difference}",
        ),
    }
