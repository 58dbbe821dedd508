"""The parts of a network as a reader may write them from the equations: right, and without any other part's help."""

import numpy as np


def step(x, diff=False):
    if diff:
        return np.zeros(np.shape(x))
    return np.array(x > 0, dtype=int)


def sigmoid(x, diff=False):
    y = 1 / (1 + np.exp(-x))
    if diff:
        return y * (1 - y)
    return y


def tanh(x, diff=False):
    y = 2 / (1 + np.exp(-2 * x)) - 1
    if diff:
        return 1 - y**2
    return y


def relu(x, diff=False):
    if diff:
        return np.where(x > 0, 1, 0)
    return np.maximum(0, x)


def leaky_relu(x, a=0.1, diff=False):
    if diff:
        return np.where(x > 0, 1, a)
    return np.where(x > 0, x, a * x)


def prelu(x, b=0.5, diff=False):
    if diff:
        return np.where(x > 0, 1, b)
    return np.where(x > 0, x, b * x)


def elu(x, alpha=1.0, diff=False):
    left = np.exp(np.minimum(x, 0))
    if diff:
        return np.where(x > 0, 1, alpha * left)
    return np.where(x > 0, x, alpha * (left - 1))


def softmax(x, diff=False):
    z = x - np.max(x, axis=-1, keepdims=True)
    e = np.exp(z)
    s = np.sum(e, axis=-1, keepdims=True)
    y = e / s
    if diff:
        own = np.eye(y.shape[-1]) * y[..., None]
        return own - y[..., :, None] * y[..., None, :]
    return y


def perceptron(x, w, b):
    s = 0
    for xi, wi in zip(x, w, strict=True):
        s += wi * xi
    s += b
    if s > 0:
        return 1
    else:
        return 0


def AND(x1, x2):
    w1, w2, theta = 0.5, 0.5, 0.7
    s = x1 * w1 + x2 * w2
    if s <= theta:
        return 0
    else:
        return 1


def NAND(x1, x2):
    w1, w2, b = -0.5, -0.5, 0.7
    s = w1 * x1 + w2 * x2 + b
    if s <= 0:
        return 0
    else:
        return 1


def OR(x1, x2):
    w1, w2, b = 0.5, 0.5, -0.2
    s = w1 * x1 + w2 * x2 + b
    if s <= 0:
        return 0
    else:
        return 1


def XOR(x1, x2):
    def AND(a, b):
        return int(a + b > 1.5)

    def OR(a, b):
        return int(a + b > 0.5)

    s1 = 1 - AND(x1, x2)
    s2 = OR(x1, x2)
    return AND(s1, s2)


def mean_squared_error(y, t):
    e = y - t
    return np.sum(e**2) / 2


def cross_entropy_error(y, t):
    if y.ndim == 1:
        t = np.reshape(t, (1, np.size(t)))
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    t = t.ravel()
    n = y.shape[0]
    p = y[np.arange(n), t] + 1e-7
    return -np.sum(np.log(p)) / n


def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    for index, old in np.ndenumerate(x.copy()):
        x[index] = old + h
        up = f(x)
        x[index] = old - h
        down = f(x)
        grad[index] = (up - down) / (2 * h)
        x[index] = old
    return grad


def numerical_diff(f, x):
    h = 1e-4
    up = f(x + h)
    down = f(x - h)
    return (up - down) / (2 * h)


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    for _ in range(step_num):
        grad = np.zeros_like(x)
        for k in range(x.size):
            d = np.zeros_like(x)
            d[k] = 1e-4
            grad[k] = (f(x + d) - f(x - d)) / 2e-4
        x = x - lr * grad
    return x


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.x = x
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Sigmoid:
    def forward(self, x):
        self.x = x
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        slope = self.out * (1 - self.out)
        return dout * slope


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        self.out = np.dot(self.x, self.W) + self.b
        return self.out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx.reshape(self.shape)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.x = x
        self.t = t if t.size == x.size else np.eye(x.shape[1])[t]
        z = x - x.max(axis=1, keepdims=True)
        e = np.exp(z)
        s = e.sum(axis=1, keepdims=True)
        self.y = e / s
        p = (self.y * self.t).sum(axis=1)
        self.loss = -np.log(p + 1e-7).sum() / len(x)
        return self.loss

    def backward(self, dout=1):
        n = len(self.t)
        d = self.y - self.t
        return dout * d / n


class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy


class AddLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x + y

    def backward(self, dout):
        dx = dout * 1
        dy = dout * 1
        return dx, dy


class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.eps = 1e-6
        self.running_mean = self.running_var = 0

    def forward(self, x, train_flg=True):
        if not train_flg:
            xn = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * xn + self.beta
        n = x.shape[0]
        self.x = x
        mu = x.sum(axis=0) / n
        xc = x - mu
        var = (xc**2).sum(axis=0) / n
        self.std = np.sqrt(var + self.eps)
        self.xn = xc / self.std
        keep = self.momentum
        self.running_mean = keep * self.running_mean + (1 - keep) * mu
        self.running_var = keep * self.running_var + (1 - keep) * var
        self.y = self.gamma * self.xn + self.beta
        return self.y

    def backward(self, dout):
        n = len(dout)
        self.dbeta = dout.sum(axis=0)
        self.dgamma = (dout * self.xn).sum(axis=0)
        dxn = dout * self.gamma
        by_mean = dxn.sum(axis=0) / n
        by_var = self.xn * (dxn * self.xn).sum(axis=0) / n
        return (dxn - by_mean - by_var) / self.std


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio  # noqa: NPY002 as the page has it
            return x * self.mask
        return x * (1 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask


def dropout(y, ratio, rng):
    ym = np.zeros(y.size)
    num = int(np.floor(y.size * (1 - ratio) + 0.5))
    idx = np.argsort(rng.rand(1, y.size).ravel())[:num]
    ym[idx] = 1 / (1 - ratio)
    return ym.reshape(y.shape)


def im2col(x, fh, fw, stride=1, pad=0):
    N, C, H, W = x.shape
    oh = (H + 2 * pad - fh) // stride + 1
    ow = (W + 2 * pad - fw) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((N, C, fh, fw, oh, ow))
    for i in range(fh):
        for j in range(fw):
            col[:, :, i, j] = img[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
    col = col.transpose(0, 4, 5, 1, 2, 3)
    return col.reshape(N * oh * ow, -1)


def col2im(col, shape, fh, fw, stride=1, pad=0):
    N, C, H, W = shape
    oh = (H + 2 * pad - fh) // stride + 1
    ow = (W + 2 * pad - fw) // stride + 1
    col = col.reshape(N, oh, ow, C, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(fh):
        for j in range(fw):
            img[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += col[:, :, i, j]
    return img[:, :, pad : H + pad, pad : W + pad]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        F, _, fh, fw = self.W.shape
        s, p = self.stride, self.pad
        self.shape = x.shape
        self.img = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        H, W = self.img.shape[2:]
        out = np.zeros((len(x), F, (H - fh) // s + 1, (W - fw) // s + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                seen = self.img[:, :, s * i : s * i + fh, s * j : s * j + fw]
                out[:, :, i, j] = seen.reshape(len(x), -1) @ self.W.reshape(F, -1).T + self.b
        return out

    def backward(self, dout):
        _, _, fh, fw = self.W.shape
        s, p = self.stride, self.pad
        self.dW = np.zeros_like(self.W)
        self.db = dout.sum(axis=(0, 2, 3))
        d = np.zeros_like(self.img)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                seen = self.img[:, :, s * i : s * i + fh, s * j : s * j + fw]
                self.dW += np.einsum("nf,nchw->fchw", dout[:, :, i, j], seen)
                d[:, :, s * i : s * i + fh, s * j : s * j + fw] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], self.W)
        return d[:, :, p : p + self.shape[2], p : p + self.shape[3]]


class Pooling:
    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.h, self.w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        h, w, s, p = self.h, self.w, self.stride, self.pad
        self.x = x
        self.img = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)
        H, W = self.img.shape[2:]
        out = np.zeros((x.shape[0], x.shape[1], (H - h) // s + 1, (W - w) // s + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                seen = self.img[:, :, s * i : s * i + h, s * j : s * j + w]
                out[:, :, i, j] = seen.max(axis=(2, 3))
        self.out = out
        return out

    def backward(self, dout):
        h, w, s, p = self.h, self.w, self.stride, self.pad
        d = np.zeros(self.img.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                seen = self.img[:, :, s * i : s * i + h, s * j : s * j + w]
                there = seen == self.out[:, :, i, j][:, :, None, None]
                part = there * dout[:, :, i, j][:, :, None, None]
                d[:, :, s * i : s * i + h, s * j : s * j + w] += part
        return d[:, :, p : p + self.x.shape[2], p : p + self.x.shape[3]]


def output_size(size, filter, stride=1, pad=0):
    left = size - filter + 2 * pad
    return left // stride + 1


def conv(x, W):
    p, q, f = W.shape
    y = np.zeros((x.shape[0] - p + 1, x.shape[1] - q + 1, f))
    for k in range(f):
        w = W[:, :, k]
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                y[i, j, k] = np.sum(x[i : i + p, j : j + q] * w)
    return y


def pool(x):
    y = np.zeros((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            four = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            y[i, j] = four.mean(axis=(0, 1))
    return y


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.calls = 0

    def update(self, params, grads):
        self.calls += 1
        for key in params:
            g = grads[key]
            params[key] -= self.lr * g


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            old = self.v[key]
            self.v[key] = self.momentum * old - self.lr * grads[key]
            params[key] += self.v[key]


class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            old, m, step = self.v[key], self.momentum, self.lr * grads[key]
            self.v[key] = m * old - step
            params[key] += m * m * old - (1 + m) * step


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            g, old = grads[key], self.h[key]
            self.h[key] = old + g * g
            below = np.sqrt(self.h[key]) + 1e-7
            params[key] -= self.lr * g / below


class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr, self.decay, self.h = lr, decay_rate, None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            g, old = grads[key], self.h[key]
            self.h[key] = self.decay * old + (1 - self.decay) * g * g
            below = np.sqrt(self.h[key]) + 1e-7
            params[key] -= self.lr * g / below


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.b1, self.b2 = lr, beta1, beta2
        self.t, self.m, self.v = 0, None, None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(p) for key, p in params.items()}
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        self.t += 1
        for key in params:
            g, b1, b2 = grads[key], self.b1, self.b2
            self.m[key] = b1 * self.m[key] + (1 - b1) * g
            self.v[key] = b2 * self.v[key] + (1 - b2) * g**2
            c1, c2 = 1 - b1**self.t, 1 - b2**self.t
            rate = self.lr * np.sqrt(c2) / c1
            below = np.sqrt(self.v[key]) + 1e-7
            params[key] -= rate * self.m[key] / below


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        draw = np.random.randn
        self.params = {
            "W1": weight_init_std * draw(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * draw(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def predict(self, x):
        p = self.params
        self.a1 = np.dot(x, p["W1"]) + p["b1"]
        self.z1 = 1 / (1 + np.exp(-self.a1))
        a2 = np.dot(self.z1, p["W2"]) + p["b2"]
        z = a2 - a2.max(axis=1, keepdims=True)
        e = np.exp(z)
        s = e.sum(axis=1, keepdims=True)
        y = e / s
        return y

    def loss(self, x, t):
        y = self.predict(x)
        right = np.sum(y * t, axis=1)
        return -np.mean(np.log(right + 1e-7))

    def accuracy(self, x, t):
        y = self.predict(x)
        hits = y.argmax(axis=1) == t.argmax(axis=1)
        return hits.sum() / len(x)

    def gradient(self, x, t):
        y, n = self.predict(x), len(x)
        dy = (y - t) / n
        dz1 = np.dot(dy, self.params["W2"].T)
        slope = self.z1 * (1 - self.z1)
        da1 = dz1 * slope
        grads = {}
        grads["W2"] = np.dot(self.z1.T, dy)
        grads["b2"] = np.sum(dy, axis=0)
        grads["W1"] = np.dot(x.T, da1)
        grads["b1"] = np.sum(da1, axis=0)
        return grads
