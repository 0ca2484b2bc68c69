"""The file is put together in memory, each array a member of its own, and written in one go."""

import io
import tempfile


class Checkpoint(Checkpoint):
    def save(self, state):
        text, arrays = take_apart(state)
        memory = io.BytesIO()
        np.savez_compressed(memory, VERSION=np.array(self.VERSION), state=np.array(text), **arrays)
        handle, name = tempfile.mkstemp(dir=self.path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(memory.getvalue())
            os.replace(name, self.path)
        except (Exception, KeyboardInterrupt):
            os.unlink(name)
            raise

    def load(self):
        raw = self.path.read_bytes()
        try:
            with np.load(io.BytesIO(raw)) as file:
                arrays = dict(file)
                if arrays["VERSION"] != self.VERSION:
                    raise ValueError("another version")
                return put_together(arrays["state"].item(), arrays)
        except Exception as error:
            raise ValueError(f"{self.path} can't be read") from error
