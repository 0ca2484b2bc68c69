# %% [markdown]
# # The XOR lab
#
# Nine weights, found by descent while you watch. The functions are those of chapter 8: your own in
# `exercises/descent.py` once all of them are written, the course's until then. Run all cells, then
# play with the last one.
#
# **Predict first.** One step looks along the direction of steepest descent, another along an
# average of the directions so far. Which one needs fewer steps on clean XOR? And does it help to
# choose the start with the lowest loss among ten?

# %%
import base64
import io
import sys
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

folders = (Path.cwd(), *Path.cwd().parents)
course = next(folder for folder in folders if (folder / "exercises" / "descent.py").exists())


def import_descent():
    """Import the module of chapter 8: yours if it is written, otherwise the course's."""
    for folder in ("exercises", "solutions"):
        sys.modules.pop("descent", None)
        sys.path.insert(0, str(course / folder))
        try:
            import descent

            X, y = descent.make_xor("clean", 1, 0.1, np.random.default_rng(0))
            net = descent.TinyNetwork(np.ones(9))
            descent.line_search_step(net, X, y, 0.1)
            descent.momentum_step(net, X, y, 0.1, np.zeros(9))
            descent.classical_momentum_step(net, X, y, 0.1, np.zeros(9))
            make, loss, step = (lambda: net), (lambda net: net.loss(X, y)), (lambda net: None)
            descent.multistart(make, loss, 2)
            descent.multistart_trained(make, step, loss, 2, 1)
            return descent, folder
        except (ImportError, NotImplementedError):
            sys.path.remove(str(course / folder))
    raise RuntimeError("write the functions of exercises/descent.py first: pytest says which")


descent, source = import_descent()
print(f"The functions are those of {source}/descent.py")

# %% [markdown]
# The lab keeps a network, its losses so far, and the velocity that momentum needs. Every control
# does one thing: new data and another way to start begin again, another algorithm forgets the
# velocity, another learning rate is used from the next step on.

# %%
PER_CLUSTER, NOISE, MOST_STEPS, FIRST_STEPS = 25, 0.2, 500, 100


class Lab:
    """A network of nine weights, and the controls that train it."""

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)
        self.data = self._menu("Data", {kind.replace("_", " "): kind for kind in descent.KINDS})
        self.method = self._menu(
            "Algorithm",
            {
                "steepest descent, line search": "search",
                "averaged gradients, line search": "average",
                "classical momentum": "classical",
            },
        )
        self.rate = self._menu("Learning rate", {"0.1": 0.1, "0.3": 0.3, "0.5": 0.5, "1.0": 1.0})
        self.start = self._menu(
            "Start",
            {
                "one": "one",
                "lowest loss of ten": "ten",
                f"lowest of ten after {FIRST_STEPS} steps": "trained",
            },
        )
        self.data.value, self.rate.value = "clean", 0.3
        self.one, self.ten, self.converge, self.again = (
            widgets.Button(description=text, layout=widgets.Layout(width="auto"))
            for text in ("1 step", "10 steps", "To convergence", "Start again")
        )
        self.picture, self.status = widgets.HTML(), widgets.HTML()
        for menu in (self.data, self.start):
            menu.observe(lambda change: self.begin(), names="value")
        self.method.observe(lambda change: self.forget(), names="value")
        self.one.on_click(lambda button: self.train(1))
        self.ten.on_click(lambda button: self.train(10))
        self.converge.on_click(lambda button: self.train(MOST_STEPS))
        self.again.on_click(lambda button: self.begin())
        self.begin()

    @staticmethod
    def _menu(text, options):
        return widgets.Dropdown(
            options=options, description=text, style={"description_width": "initial"}
        )

    def show(self):
        """Return all of it, for a cell to display."""
        menus = widgets.HBox([self.data, self.method], layout=widgets.Layout(flex_flow="wrap"))
        more = widgets.HBox([self.rate, self.start], layout=widgets.Layout(flex_flow="wrap"))
        buttons = widgets.HBox(
            [self.one, self.ten, self.converge, self.again], layout=widgets.Layout(flex_flow="wrap")
        )
        return widgets.VBox([menus, more, buttons, self.status, self.picture])

    def begin(self):
        """Draw the data, which are the same for a kind, and a network to begin with."""
        kind = self.data.value
        self.X, self.y = descent.make_xor(kind, PER_CLUSTER, NOISE, np.random.default_rng(42))
        self.forget()

        def make():
            return descent.TinyNetwork(self.rng.normal(0.0, 0.5, 9))

        def loss(net):
            return net.loss(self.X, self.y)

        if self.start.value == "one":
            self.net = make()
        elif self.start.value == "ten":
            self.net, _ = descent.multistart(make, loss, 10)
        else:

            def step(net):
                descent.line_search_step(net, self.X, self.y, self.rate.value)

            self.net, _ = descent.multistart_trained(make, step, loss, 10, FIRST_STEPS)
        self.losses = [loss(self.net)]
        self.draw()

    def forget(self):
        """Forget the velocity."""
        self.velocity = np.zeros(9)

    def step(self, net):
        """Take one step of the algorithm that is chosen."""
        X, y, rate = self.X, self.y, self.rate.value
        if self.method.value == "search":
            descent.line_search_step(net, X, y, rate)
        elif self.method.value == "average":
            _, self.velocity = descent.momentum_step(net, X, y, rate, self.velocity)
        else:
            _, self.velocity = descent.classical_momentum_step(net, X, y, rate, self.velocity)

    def train(self, most):
        """Take so many steps, or fewer if the network is good enough before."""
        self.losses += descent.train_to_convergence(self.net, self.step, self.X, self.y, most)
        self.draw()

    def draw(self):
        """Show the boundary, the losses, and what they are as a sentence."""
        steps, loss = len(self.losses) - 1, self.losses[-1]
        accuracy = self.net.accuracy(self.X, self.y)
        said = f"{steps} steps: loss {loss:.4f}, {accuracy:.0%} of the points on the right side"
        self.status.value = f"<p role='status'>{said}</p>"
        fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
        self._draw_boundary(left)
        right.plot(self.losses, color="#4a7fd6")
        right.set(xlabel="steps", ylabel="loss", title="The loss so far")
        right.set_ylim(bottom=0)
        image = io.BytesIO()
        fig.savefig(image, dpi=100)
        plt.close(fig)
        code = base64.b64encode(image.getvalue()).decode()
        self.picture.value = (
            f"<img style='max-width: 100%' src='data:image/png;base64,{code}' "
            f"alt='The boundary between the classes, and the loss. {said}.'>"
        )

    def _draw_boundary(self, axes):
        line = np.linspace(-2.2, 2.2, 100)
        grid = np.array([[x, y] for y in line for x in line])
        field = self.net.forward(grid)[1].reshape(100, 100)
        axes.contourf(line, line, field, levels=np.linspace(0, 1, 11), cmap="cividis", alpha=0.6)
        axes.contour(line, line, field, levels=[0.5], colors="black")
        for label, marker in ((0, "o"), (1, "^")):
            mine = self.y == label
            axes.scatter(*self.X[mine].T, marker=marker, edgecolors="black", label=f"class {label}")
        axes.set(xlabel="x1", ylabel="x2", title="Where the network says one half")
        axes.legend(loc="upper center", ncols=2)


# %%
lab = Lab()
display(lab.show())

# %% [markdown]
# **Try these.**
#
# - Clean XOR, *To convergence*, then *Start again*, ten times over. How often does it end on a
#   plateau? Now choose *lowest loss of ten*, and count again. Then *lowest of ten after 100 steps*.
# - The first two algorithms, several starts each: does the average of the gradients need fewer
#   steps?
# - *Classical momentum* doesn't search along the line. At which learning rate does its loss rise on
#   the way?
# - Noisy XOR: no straight cut of the four clusters has all points right. What does the boundary do
#   in a long run, and would you want that?
