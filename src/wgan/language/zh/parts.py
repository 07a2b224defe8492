"""Findings before the first step, on data and networks."""

PARTS = {
    "the data lie in [{low:.3g}, {high:.3g}]": "数据位于 [{low:.3g}, {high:.3g}]",
    "makes only values in [{low:.3g}, {high:.3g}]": "只能产生 [{low:.3g}, {high:.3g}] 内的值",
    "makes no values below {low:.3g}": "产生不了小于 {low:.3g} 的值",
    "makes no values above {high:.3g}": "产生不了大于 {high:.3g} 的值",
    (
        "The generator {range}, whatever its weights, and {data}: it cannot reach {missing:.0%} of their range."
    ): "无论权重取什么值，生成器{range}，而{data}：数据范围的 {missing:.0%} 它达不到。",
    "End the generator with nn.Tanh(), whose values fill [-1, 1], in place of what ends it now.": (
        "把生成器现在的最后一层换成 nn.Tanh()，它的取值覆盖 [-1, 1]。"
    ),
    (
        "Let the generator end in its last linear layer or convolution, or scale the data to the generator's range."
    ): "让生成器以最后的线性层或卷积层结束，或者把数据缩放到生成器的取值范围。",
    "A generator starts with values around 0 of size 1, and {data}.": (
        "生成器开始时的输出在 0 附近，大小约为 1，而{data}。"
    ),
    "Subtract the mean from the data and divide by their standard deviation.": "把数据减去均值，再除以标准差。",
    (
        "There are {count:,} samples to train on: with fewer than about {few:,} the critic memorises them "
        "instead of learning what they have in common."
    ): "训练样本只有 {count:,} 个：少于约 {few:,} 个时，判别器会逐个记住它们，而不是学到它们的共性。",
    "Get more data{mirroring}{changing}, and stop early.": "增加数据，并提前停止训练{mirroring}{changing}。",
    ", change samples before the critic sees them": "，或者在判别器看到样本之前随机改变它们",
    (
        "The critic sees them changed at random, which delays that. Get more data{mirroring}, and stop when samples "
        "no longer improve (--stop frechet)."
    ): (
        "判别器看到的是随机改变过的样本，这会推迟记忆。增加数据，并在生成样本不再变好时停止"
        "（--stop frechet）{mirroring}。"
    ),
    ", mirror pictures (--set data.flip=true) if left and right mean the same": (
        "；如果左右翻转不改变含义，可以做镜像翻转（--set data.flip=true）"
    ),
    "Samples differ from their mean by {variety:.1%} of how much their values do: they are all alike.": (
        "样本与样本均值的差异只有其数值差异的 {variety:.1%}：它们几乎都一样。"
    ),
    "Look at the data (wgan data): one sample may have been packed many times.": (
        "检查数据（`wgan data`）：可能同一个样本被打包了很多次。"
    ),
    (
        "Samples are there about {copies:.0f} times each, judged by those of a random draw that are equal: "
        "{count:,} samples to train on teach as much as {different:,.0f}, and those that are held out are "
        "copies too."
    ): (
        "从随机抽取的样本中相同者的比例估计，每个样本大约重复了 {copies:.0f} 次：{count:,} 个训练样本只相当于 "
        "{different:,.0f} 个，留出的样本也是它们的副本。"
    ),
    "Remove copies, and judge the size of the set by the samples that differ.": (
        "去掉重复样本，并以互不相同的样本数来衡量数据集的大小。"
    ),
    "{share:.1%} of the range from -1 to 1": "区间 [-1, 1] 的 {share:.1%} 之内",
    "a width of {width:.2g}": "宽度仅 {width:.2g} 的区间内",
    "All values of the data lie within {whole}: they were scaled down, perhaps twice.": (
        "数据的所有值都落在{whole}：它们被缩小了，也许缩小了两次。"
    ),
    (
        "Scale the data to fill [-1, 1]; for points, subtract their mean and divide by their standard deviation."
    ): "把数据缩放到充满 [-1, 1]；如果是点数据，减去均值，再除以标准差。",
    "One column of the data spreads {times:.2g} times as far as another: the critic sees only the widest.": (
        "数据中某一列的分布宽度是另一列的 {times:.2g} 倍：判别器只看得到最宽的那一列。"
    ),
    "Subtract each column's mean, and divide by its standard deviation.": (
        "每一列减去各自的均值，再除以各自的标准差。"
    ),
    (
        "A value lies {distance:.2g} quartile ranges from the median of its column: a few outliers set the "
        "scale of everything."
    ): "有一个值与所在列的中位数相差 {distance:.2g} 个四分位距：少数离群值决定了整体的尺度。",
    "Remove them if they are errors; otherwise take logarithms or ranks of such columns.": (
        "如果是错误数据就删掉；否则对这样的列取对数或秩。"
    ),
    "the data vary in about {dimension:.0f} directions around a sample": (
        "数据在一个样本附近大约沿 {dimension:.0f} 个方向变化"
    ),
    "1 number": "1 个数",
    "{count:,} numbers": "{count:,} 个数",
    "The generator makes the same sample of all latents, with its first weights and with others.": (
        "无论用初始权重还是别的权重，生成器对所有隐变量都产生同一个样本。"
    ),
    "Look at what forward does with its argument, and for ReLUs that are zero for every input.": (
        "检查 `forward` 怎样使用它的参数，以及有没有对任何输入都为零的 ReLU。"
    ),
    "The critic gives every sample the same score, with its first weights and with others.": (
        "无论用初始权重还是别的权重，判别器给所有样本打的分都相同。"
    ),
    (
        "The critic mixes the samples of a batch: a score changes with the other samples (BatchNorm does "
        "that). The penalty needs each score to depend on one sample alone."
    ): (
        "判别器把一个批次里的样本混在一起：一个样本的打分会随其他样本改变（BatchNorm 就是这样）。而惩罚项要求"
        "每个打分只取决于一个样本。"
    ),
    "Use InstanceNorm, LayerNorm or no normalisation in the critic.": (
        "判别器改用 InstanceNorm、LayerNorm，或者不做归一化。"
    ),
    "The critic's scores cannot leave [-1, 1], whatever its weights: it ends in a sigmoid or a tanh.": (
        "无论权重取什么值，判别器的打分都超不出 [-1, 1]：它以 sigmoid 或 tanh 结尾。"
    ),
    "Let the critic end in its last linear layer or convolution: a score is not a probability.": (
        "让判别器以最后的线性层或卷积层结束：打分不是概率。"
    ),
    (
        "From call to call a sample's score varies {times:.2g} times as much as the scores of different "
        "samples differ: dropout or noise drowns what the critic says."
    ): "同一个样本多次打分的波动，是不同样本之间打分差异的 {times:.2g} 倍：dropout 或噪声淹没了判别器的判断。",
    "Use less dropout or noise in the critic (0.3 is plenty), or none.": (
        "减小判别器的 dropout 或噪声（0.3 已经足够），或者不用。"
    ),
    "Latents have {numbers}, and {data}: the generator cannot make all of them.": (
        "隐变量只有 {numbers}，而{data}：生成器覆盖不了所有变化。"
    ),
    "Use more latents; too many do no harm.": "增大隐变量的维数；多一些没有坏处。",
    "The generator's samples move in {rank:.0f} directions, and {data}: a layer of it is too narrow.": (
        "生成器的样本只能沿 {rank:.0f} 个方向变化，而{data}：它有一层太窄。"
    ),
    "The critic's slopes point in {rank:.0f} directions, and {data}: a layer of it is too narrow.": (
        "判别器的梯度只指向 {rank:.0f} 个方向，而{data}：它有一层太窄。"
    ),
    (
        "With its first weights the critic's slope is {slope:.2g}; those of sound critics are 0.001 to 5. "
        "Scores are scaled up, or the first weights are too large."
    ): ("在初始权重下，判别器的斜率为 {slope:.2g}；正常的判别器在 0.001 到 5 之间。打分被放大了，或者初始权重太大。"),
    "Leave the weights as PyTorch starts them, and do not multiply scores.": (
        "保留 PyTorch 的默认初始化，不要放大打分。"
    ),
    "{share:.0%} of the {player}'s weights get no gradient: they stay as they are.": (
        "{player}有 {share:.0%} 的权重得不到梯度：它们不会改变。"
    ),
    (
        "Look for requires_grad_(False), no_grad() and detach() in the network, and for layers that forward "
        "does not use. If that is meant, all is well."
    ): (
        "检查网络里的 requires_grad_(False)、no_grad() 和 detach()，以及 `forward` 没有用到的层。如果是有意为"
        "之，就没有问题。"
    ),
    (
        "In a layer of the {player}, {share:.0%} of the units get no gradient from any input that was tried: "
        "they are dead, and do not learn."
    ): "{player}的某一层里，有 {share:.0%} 的神经元在所有试过的输入下都得不到梯度：它们已经失活，不再学习。",
    "Use LeakyReLU, and biases that start at 0.": "使用 LeakyReLU，并把偏置初始化为 0。",
    "Use wider layers in the {player}.": "加宽{player}的层。",
    "The generator makes the same samples whatever it is asked for, with its first weights and others.": (
        "无论要求是什么，生成器产生的样本都一样；用初始权重和别的权重都试过。"
    ),
    "The critic scores a sample the same whatever its condition is, with its first weights and others.": (
        "无论条件是什么，判别器给同一个样本的分数都一样；用初始权重和别的权重都试过。"
    ),
    "Look at what forward does with its second argument, the condition (B, size).": (
        "检查 forward 怎样使用它的第二个参数，即条件 (B, size)。"
    ),
    (
        "{copied:.0%} of held-out samples have near copies among those to train on, and only these tell what they are: "
        "the nearest training sample has their {part} ({shown:.2f}, where chance is 0 and always is 1), the nearest "
        "that is no copy has not ({others:.2f})."
    ): (
        "{copied:.0%} 的留出样本在训练样本中有近似副本，而且只有靠副本才能判断它们是什么："
        "最近的训练样本与它们的 {part} 相符（{shown:.2f}；随机为 0，总是相符为 1），"
        "最近的非副本样本则不相符（{others:.2f}）。"
    ),
    "Keep copies and versions of one sample on one side: give the data a test split of other samples.": (
        "把同一个样本的副本和各种版本放在同一边：为数据提供由其他样本组成的测试集。"
    ),
    "{name} ({count:,})": "{name}（{count:,} 个）",
    "{count:,} more": "另外 {count:,} 个",
    (
        "Of {part} {names} there are fewer than {few} samples to train on, about: the critic memorises them, and "
        "samples that are asked for one class become alike."
    ): ("{part} 为 {names} 的训练样本约少于 {few} 个：判别器会逐个记住它们，同一类的生成样本会变得雷同。"),
    "Get more of them, merge them with others{mirroring}, or train without a condition.": (
        "增加这些类的样本，与别的类合并{mirroring}，或者不带条件训练。"
    ),
}
