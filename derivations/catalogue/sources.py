"""The notes from which the catalogue was collected, and published works that several formulas share.

Title, author and address stand as the notes give them; what a note does not say stays empty.
"""

from derivations.language import Reference, Source

FORMULA_SUMMARY = Source(key="formula-summary", title="深度学习数学公式汇总")
COMMON_FORMULAS = Source(
    key="common-formulas",
    title="深度学习常见的公式(更新中)",
    author="P3troL1er",
    address="https://peterliuzhi.top/posts/%E6%B7%B1%E5%BA%A6%E5%AD%A6%E4%B9%A0%E5%B8%B8%E8%A7%81%E7%9A%84%E5%85%AC%E5%BC%8F%E6%9B%B4%E6%96%B0%E4%B8%AD/",
)
SOME_DERIVATIONS = Source(key="some-derivations", title="机器学习中常用的一些公式推导")
MATHEMATICS_REVISITED = Source(
    key="mathematics-revisited",
    title="大模型基础补全计划(一)---重温一些深度学习相关的数学知识",
    author="SkyOnSky",
    address="https://www.cnblogs.com/Iflyinsky",
)
STUDY_NOTES = Source(key="study-notes", title="深度学习学习笔记", author="Kai")

BACK_PROPAGATION = Reference(
    "D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating errors. "
    "Nature 323 (1986), 533–536",
    doi="10.1038/323533a0",
    key="rumelhart-1986",
)
SOFTMAX_BY_BRIDLE = Reference(
    "J. S. Bridle: Probabilistic interpretation of feedforward classification network outputs, with "
    "relationships to statistical pattern recognition. Neurocomputing, NATO ASI Series F 68 (1990), 227–236",
    doi="10.1007/978-3-642-76153-9_28",
    key="bridle-1990",
)
ACCURATE_SOFTMAX = Reference(
    "P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and softmax functions. "
    "IMA Journal of Numerical Analysis 41 (2021), 2311–2330",
    doi="10.1093/imanum/draa038",
    key="blanchard-2021",
)
STATISTICAL_LEARNING = Reference(
    "T. Hastie, R. Tibshirani, J. Friedman: The Elements of Statistical Learning, 2nd edition. Springer "
    "(2009)",
    doi="10.1007/978-0-387-84858-7",
    key="hastie-2009",
)
