"""The panels of the report."""

PANELS = {
    "Distance": "距离",
    "How much higher the critic scores real samples than generated ones: mean C(real) - mean C(fake).": (
        "判别器给真实样本的打分比生成样本高多少：mean C(real) - mean C(fake)。"
    ),
    (
        "It rises while the critic learns, falls as the generator catches up, and levels off; it does not "
        "stay below zero. With a slope penalty it estimates the Wasserstein distance; with clipping only its "
        "trend is meaningful."
    ): (
        "判别器学习时上升，生成器追上时下降，然后趋于平稳；不会一直低于零。有梯度惩罚时，它是 Wasserstein 距"
        "离的估计；用权重裁剪时，只有趋势有意义。"
    ),
    "Samples and data": "样本与数据",
    (
        "The energy distance between samples and held-out data, both reduced to at most eight values a side. "
        "It does not depend on the critic."
    ): "生成样本与留出数据之间的能量距离，两者都缩小到每边最多八个值。它与判别器无关。",
    (
        "Falling, then level; nearer to zero is better. At one, the samples are no closer to the data than a "
        "single point would be."
    ): "先下降，后平稳；越接近零越好。等于 1 时，生成样本并不比单独一个点更接近数据。",
    "Training and held out": "训练数据与留出数据",
    "The critic's distance, for its training samples and for samples that it never saw.": (
        "判别器的距离，分别用训练样本和它没见过的样本计算。"
    ),
    "The two stay together. A growing gap means that the critic memorises its training samples.": (
        "两条线应保持在一起。差距越来越大，说明判别器在记忆训练样本。"
    ),
    "Jensen-Shannon divergence": "JS 散度",
    "A lower bound on the divergence between real and generated samples, from the discriminator's loss.": (
        "真实样本与生成样本之间散度的下界，由判别器的损失得出。"
    ),
    "Well below log 2 = 0.693, at which the discriminator is perfect and the generator learns nothing.": (
        "明显低于 log 2 = 0.693；到达该值时判别器完美无误，生成器学不到任何东西。"
    ),
    "Mean scores": "平均打分",
    "The critic's mean scores of real and of generated samples.": "判别器给真实样本和生成样本的平均打分。",
    "Real above fake, with a bounded gap.": "真实样本高于生成样本，且差距有界。",
    "Margin": "间隔",
    "How much higher a real sample is scored than the generated one paired with it, on average.": (
        "真实样本的打分平均比与它配对的生成样本高多少。"
    ),
    "Above zero, and bounded.": "大于零，且有界。",
    "Losses": "损失",
    "What the critic and the generator minimise.": "判别器和生成器各自最小化的量。",
    (
        "They settle. They say little by themselves: scores have no fixed zero, so the generator's loss can drift."
    ): "趋于稳定。损失本身说明不了什么：打分没有固定的零点，所以生成器的损失可能漂移。",
    "Slope of the critic": "判别器的斜率",
    (
        "The mean norm of the critic's gradient with respect to its input: gradient_norm where the penalty is "
        "taken, slope at generated samples."
    ): "判别器对输入的梯度的平均范数：gradient_norm 在计算惩罚的位置，slope 在生成样本处。",
    "Near one if a penalty asks for that; otherwise it neither vanishes nor explodes.": (
        "如果惩罚项有此要求，应接近 1；否则既不消失也不爆炸。"
    ),
    "Penalty": "惩罚项",
    "The penalty on the critic's slope, before its weight.": "对判别器斜率的惩罚，尚未乘以权重。",
    "Small after a short while, and small from then on.": "很快变小，并一直保持很小。",
    "Accuracy of the critic": "判别器的准确率",
    "The share of pairs in which the real sample is scored above the generated one.": (
        "真实样本打分高于生成样本的样本对所占的比例。"
    ),
    (
        "Between 0.5, where the critic cannot tell them apart, and 1, where it always can. It should not stay "
        "at either end."
    ): "在 0.5（判别器分不清）和 1（总能分清）之间。不应停在任何一端。",
    "Spread of the scores": "打分的离散程度",
    "The standard deviation of the critic's scores over real and generated samples.": (
        "判别器对真实样本和生成样本打分的标准差。"
    ),
    "Within one order of magnitude throughout. At zero the critic gives every sample the same score.": (
        "始终在一个数量级之内。等于零时，判别器给所有样本的打分都相同。"
    ),
    "Sure of itself": "过于确信的比例",
    (
        "The share of samples that the discriminator assigns a probability above 99.9 % of being real or generated."
    ): "判别器以超过 99.9 % 的概率判为真或判为假的样本所占的比例。",
    "Low. If it is sure of all samples, the generator has little to learn from.": (
        "应当很低。如果它对所有样本都很确信，生成器就学不到什么。"
    ),
    "Diversity and coverage": "多样性与覆盖率",
    (
        "How far samples are from each other, relative to the data; and the share of held-out samples with a "
        "generated one among their five nearest."
    ): "生成样本之间的距离（相对于数据）；以及五个最近邻中有生成样本的留出样本所占的比例。",
    "Diversity near one, coverage rising. If both fall, the generator collapses to few modes.": (
        "多样性接近 1，覆盖率上升。如果两者都下降，说明生成器崩溃到了少数几个模式。"
    ),
    "Missed": "遗漏",
    (
        "The share of held-out data with almost no samples around it: less than a quarter of the expected "
        "number if samples were distributed like the data."
    ): "周围几乎没有生成样本的留出数据所占的比例：生成样本不到与数据同分布时应有数量的四分之一。",
    "Falling to nearly zero. The rest is a part of the data that is never generated.": (
        "下降到接近零。剩下的部分是从未被生成的数据。"
    ),
    "Memorised": "记忆",
    (
        "The share of generated samples that are less than half as far from a training sample as held-out samples are."
    ): "到训练样本的距离不到留出样本一半的生成样本所占的比例。",
    "Near zero. Towards one, the generator copies its training data.": "接近零。趋向 1 时，生成器在复制训练数据。",
    "Saturation": "饱和",
    (
        "The share of values at the ends of the range, in generated and in real samples; and of generated "
        "values outside of the data's range."
    ): "生成样本和真实样本中落在取值范围两端的值所占的比例；以及超出数据范围的生成值所占的比例。",
    "Similar shares, and none outside. Far more in generated samples means that the last layer saturates.": (
        "两者比例相近，没有超出范围的值。如果生成样本中的比例高得多，说明最后一层饱和了。"
    ),
    "Augmentation": "数据增强",
    "How often each kind of change is made in samples before the critic sees them.": (
        "判别器看到样本之前，每种改变发生的频率。"
    ),
    "Of ada: rising while the critic memorises, falling when it stops. Of diffaugment: always one.": (
        "ada：判别器记忆样本时上升，停止记忆时下降。diffaugment：始终为 1。"
    ),
    "Weights at the clip bound": "位于裁剪边界的权重",
    "The share of the critic's weights that clipping holds at its bound.": (
        "判别器中被裁剪固定在边界上的权重所占的比例。"
    ),
    "Some, but not nearly all: a critic with all weights at the bound can distinguish little.": (
        "有一些，但不是几乎全部：所有权重都在边界上的判别器分辨不出多少东西。"
    ),
    "Size of an update": "更新幅度",
    "How much one step changes a network, relative to its weights.": "一步使网络改变多少，相对于它的权重。",
    (
        "Steady, between 0.0001 and a few hundredths. At zero a network does not change; near one it changes "
        "erratically."
    ): "稳定，在 0.0001 到百分之几之间。为零时网络不变；接近 1 时变化剧烈无序。",
    "Drift from the average": "与滑动平均的偏离",
    (
        "The distance of the generator from its average, which samples are drawn from, relative to its weights."
    ): "生成器与其滑动平均（样本由后者产生）的距离，相对于权重。",
    "Settling at a small value. If it keeps growing, the average cannot follow the generator.": (
        "稳定在较小的值。如果持续增大，说明滑动平均跟不上生成器。"
    ),
    "A number of the log without a panel of its own.": "日志中没有专属图表的量。",
    "Does the critic hear the condition?": "判别器听条件吗？",
    (
        "The share of real samples that the critic scores higher with their own condition than with another, for its "
        "training samples and for samples that it never saw."
    ): "判别器对多少真实样本的打分，在配上自己的条件时比配上别的条件时高：分别对训练样本和它没见过的样本。",
    (
        "Well above 0.5, which is chance, at least early on; it falls as the generator catches up. If only the first "
        "is high, the critic memorises which sample had which condition."
    ): (
        "至少在早期明显高于 0.5（即随机水平）；随着生成器赶上来会下降。"
        "如果只有前者高，判别器就是在死记哪个样本配哪个条件。"
    ),
    "Do samples move with the condition?": "样本随条件变化吗？",
    (
        "How far samples of the same latents move if they are asked for something else, relative to the distance "
        "between real samples; and how far they move at least if they are like the data."
    ): "潜变量不变、换一个条件时，生成样本移动多远（相对于真实样本之间的距离）；以及与数据相像的样本至少要移动多远。",
    "The first above the second. At zero the generator ignores what it is asked for.": (
        "前者高于后者。为零时，生成器忽略了对它的要求。"
    ),
}
