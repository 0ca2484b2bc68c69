"""Make a class of sample submissions: `python solutions/sample_class.py FOLDER`.

Made from the reference, so that it stays current: each student is the reference with
typical changes. They show what the grader does with right, partly right, wrong and
unusable work.
"""

import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MODULES = (
    "losses",
    "backprop",
    "gradient_check",
    "training_loop",
    "minibatch",
    "overfitting",
    "mnist_project",
)
PART_I = MODULES[:-1]

# A student: the modules handed in as they are in the reference, and those that differ.
# A difference is a list of (old, new) replacements, or the whole text.
CLASS = {
    "ada": (MODULES, {}),
    "bo": ((), dict.fromkeys(MODULES, "stub")),
    "chen": (
        ("losses", "backprop"),
        dict.fromkeys(("gradient_check", "training_loop", "minibatch"), "stub"),
    ),
    "dina": (
        ("backprop", "gradient_check"),
        {
            "losses": [
                ("np.mean((predictions - targets) ** 2)", "np.sum((predictions - targets) ** 2)"),
                ("2 * (predictions - targets) / predictions.size", "2 * (predictions - targets)"),
            ]
        },
    ),
    "emil": (
        ("losses", "gradient_check", "training_loop", "minibatch"),
        {"backprop": [("(output - target) / output.size", "(output - target)")]},
    ),
    "fatima": (
        ("losses", "backprop", "gradient_check"),
        {
            "training_loop": [
                ("/ len(batch)", "/ batch_size"),
                (
                    "    return loss\n",
                    "    return float(np.mean((net.forward(x) - target) ** 2))\n",
                ),
            ]
        },
    ),
    "george": (
        ("losses", "backprop"),
        {
            "minibatch": [
                ("np.sum(delta, axis=0)", "np.mean(delta, axis=0)"),
                ("delta.T @ activations[layer]", "activations[layer].T @ delta"),
            ]
        },
    ),
    "hana": (
        (),
        {
            "losses": [
                (
                    "    shifted = logits - np.max(logits, axis=-1, keepdims=True)\n"
                    "    exponentials = np.exp(shifted)",
                    "    exponentials = np.exp(logits)",
                ),
                ("np.sum(exponentials, axis=-1, keepdims=True)", "np.sum(exponentials)"),
                ("    p = np.clip(predictions, eps, 1 - eps)\n", "    p = predictions\n"),
            ]
        },
    ),
    "ivan (zipped)": (PART_I, {}),
    "João d'Ávila 🎓": (
        ("losses", "backprop"),
        {"training_loop": [("def train_epoch(net, X,", "def train_epoch(net X,")]},
    ),
    "kim": (
        ("losses",),
        {
            "overfitting": [
                (
                    "    return int(np.argmin(test_losses))",
                    "    epoch = 0\n    while test_losses[epoch] > 0:\n"
                    "        epoch = (epoch + 1) % len(test_losses)\n    return epoch",
                ),
            ]
        },
    ),
    "=lee+1": (
        (),
        {
            "losses": [
                (
                    "    return np.mean((predictions",
                    "    print(predictions, 'x' * 5_000_000)\n    return np.mean((predictions",
                ),
                (
                    "    return 2 * (predictions - targets) / predictions.size",
                    "    return [str(p) for p in predictions.ravel()]",
                ),
            ],
            "backprop": "import torch\n\n\ndef sigmoid(z):\n    return torch.sigmoid(z)\n",
        },
    ),
    "mo": ((), {}),
}


def text_of(name, difference):
    """Return a module of a student's."""
    if difference == "stub":
        return (HERE.parent / "exercises" / f"{name}.py").read_text(encoding="utf-8")
    if isinstance(difference, str):
        return difference
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    for old, new in difference:
        if old not in text:
            raise ValueError(f"solutions/{name}.py no longer holds {old!r}")
        text = text.replace(old, new)
    return text


def modules_of(whole, changed):
    """Return the modules of a student, by file name."""
    differences = {**dict.fromkeys(whole, ()), **changed}
    return {f"{name}.py": text_of(name, how) for name, how in differences.items()}


def make(folder):
    """Write the class into a folder, which must not exist or be one of these."""
    for student, (whole, changed) in CLASS.items():
        modules = modules_of(whole, changed)
        if student.endswith(" (zipped)"):
            with zipfile.ZipFile(folder / f"{student.split()[0]}.zip", "w") as archive:
                for name, text in modules.items():
                    archive.writestr(f"homework/{name}", text)
            continue
        own = folder / student
        own.mkdir(parents=True, exist_ok=True)
        for name, text in modules.items():
            (own / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    make(target)
    print(f"wrote a class of {len(CLASS)} into {target}")
