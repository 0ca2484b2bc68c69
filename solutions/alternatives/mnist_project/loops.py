"""One image at a time, as in chapter 4: nothing to vectorize, and many times slower."""

import numpy as np
from backprop import Network
from training_loop import train


def one_hot(labels, n_classes):
    rows = []
    for label in labels:
        row = [0.0] * n_classes
        row[label] = 1.0
        rows.append(row)
    return np.array(rows)


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    X, columns = [], []
    for image, label in zip(images, labels, strict=True):
        if label in digits:
            X.append([pixel / 255 for row in image.tolist() for pixel in row])
            columns.append(list(digits).index(label))
    return np.array(X), one_hot(columns, len(digits)), np.array(columns)


def accuracy(net, X, labels):
    right = 0
    for x, label in zip(X, labels, strict=True):
        output = net.forward(x)
        answer = 0
        for column in range(1, len(output)):
            if output[column] > output[answer]:
                answer = column
        if answer == label:
            right += 1
    return right / len(X)


def train_classifier(images, labels, seed=0):
    digits = sorted(set(labels.tolist()))
    X, y, _ = prepare(images, labels, digits)
    net = Network([len(X[0]), 40, len(digits)], seed=seed)
    train(net, X, y, 2.0, 12, 4, np.random.default_rng(seed))

    def predict(images):
        answers = []
        for image in images:
            output = net.forward(image.ravel() / 255)
            answers.append(digits[int(np.argmax(output))])
        return np.array(answers)

    return predict
