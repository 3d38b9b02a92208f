"""Softmax, sample kernels for the tests of the pages."""

import numpy as np


def _shifted(z):
    return np.exp(z - np.max(z, axis=-1, keepdims=True))


def softmax(z):
    """softmax: (C)->(C)"""
    e = _shifted(z)
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_jacobian(z):
    """softmax_jacobian: (C)->(C,C)"""
    p = softmax(z)
    return p[..., :, None] * (np.eye(p.shape[-1], dtype=p.dtype) - p[..., None, :])


def softmax_vjp(z, g):
    """softmax_vjp: (C),(C)->(C)"""
    p = softmax(z)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))
