from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from teisen.ledger import merkle

# The leaves and roots of the Certificate Transparency test vectors.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return merkle.leaf_hash(leaves[0]) if leaves else merkle.EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return merkle.node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def node_of(leaves: list[bytes]) -> merkle.Node:
    return lambda level, index: naive_root(leaves[index << level : (index + 1) << level])


def test_roots_are_those_of_the_ct_test_vectors() -> None:
    assert merkle.root([]).hex() == EMPTY
    for size, wanted in enumerate(ROOTS, 1):
        assert merkle.root([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == wanted


def test_known_inclusion_proof_of_the_ct_test_vectors() -> None:
    proof = merkle.inclusion_proof(node_of(LEAVES), 0, 8)
    assert [step.hex() for step in proof] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_root_is_the_recursive_one(leaves: list[bytes]) -> None:
    assert merkle.root([merkle.leaf_hash(leaf) for leaf in leaves]) == naive_root(leaves)


@given(st.data())
def test_inclusion_proofs_verify_and_mutated_ones_fail(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = [str(i).encode() for i in range(size)]
    tree_root, leaf = naive_root(leaves), merkle.leaf_hash(leaves[index])
    proof = merkle.inclusion_proof(node_of(leaves), index, size)
    assert proof == naive_path(index, leaves)
    assert merkle.verify_inclusion(leaf, index, size, proof, tree_root)
    assert not merkle.verify_inclusion(leaf, index, size, [*proof, tree_root], tree_root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, proof, tree_root)
    assert not merkle.verify_inclusion(leaf, index, size, proof, merkle.EMPTY_ROOT)
    assert not merkle.verify_inclusion(leaf, size, size, proof, tree_root)
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else None
    if other is not None:
        assert not merkle.verify_inclusion(leaf, other, size, proof, tree_root)
        assert not merkle.verify_inclusion(leaf, index, size, proof[:-1], tree_root)
        assert not merkle.verify_inclusion(leaf, index, size, _flip(proof, data), tree_root)


@given(st.data())
def test_consistency_proofs_verify_and_mutated_ones_fail(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, new))
    leaves = [str(i).encode() for i in range(new)]
    roots = naive_root(leaves[:old]), naive_root(leaves)
    proof = merkle.consistency_proof(node_of(leaves), old, new)
    assert proof == naive_subproof(old, leaves, whole=True)
    assert merkle.verify_consistency(old, new, proof, *roots)
    assert not merkle.verify_consistency(old, new, [*proof, roots[1]], *roots)
    assert not merkle.verify_consistency(old, new, proof, merkle.EMPTY_ROOT, roots[1])
    assert not merkle.verify_consistency(old, new, proof, roots[0], merkle.EMPTY_ROOT)
    if proof:
        assert not merkle.verify_consistency(old, new, proof[:-1], *roots)
        assert not merkle.verify_consistency(old, new, [], *roots)
        assert not merkle.verify_consistency(old, new, _flip(proof, data), *roots)


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    assert merkle.consistency_proof(node_of(LEAVES), 0, 8) == []
    assert merkle.verify_consistency(0, 8, [], merkle.EMPTY_ROOT, bytes.fromhex(ROOTS[7]))
    assert not merkle.verify_consistency(0, 8, [], bytes(32), bytes.fromhex(ROOTS[7]))


def _flip(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    step, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    changed = bytearray(proof[step])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:step], bytes(changed), *proof[step + 1 :]]
