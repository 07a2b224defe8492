"""Findings in the log of a run."""

COURSE = {
    (
        "Scores differ by {spread:.1g} and slopes are {slope:.1g}: the critic gives every sample the same "
        "score, and the generator learns nothing from it."
    ): "打分只相差 {spread:.1g}，斜率为 {slope:.1g}：判别器给所有样本打的分都相同，生成器从中学不到东西。",
    (
        "A step changes the critic's weights by {update:.1g} of their length: it does not learn, and the "
        "generator learns nothing from it."
    ): "每一步使判别器的权重改变的幅度（相对其长度）只有 {update:.1g}：它没有在学习，生成器从中也学不到东西。",
    "Raise its learning rate or its clip bound, or give it LeakyReLU and another initialisation.": (
        "提高它的学习率或裁剪边界，或者使用 LeakyReLU 并更换初始化方法。"
    ),
    "The run ended: {what}": "训练已终止：{what}",
    "Lower both learning rates. If it happens again, look for a cause in the findings below.": (
        "把两个学习率都降低。如果再次发生，请从下面的诊断里找原因。"
    ),
    (
        "The run went back to step {step}. {what} Since then, learning rates are {rates:g} times those of the settings."
    ): "训练回到了第 {step} 步。{what} 此后的学习率是设定值的 {rates:g} 倍。",
    "What follows was trained with lower rates than the settings say; start a new run with these rates.": (
        "之后的训练用的学习率低于设定值；请用这些学习率重新开始训练。"
    ),
    "A step changes the generator's weights by {update:.1g} of their length.": (
        "每一步使生成器的权重改变的幅度（相对其长度）只有 {update:.1g}。"
    ),
    "Check that the generator's loss reaches it (detach, no_grad), and check its learning rate.": (
        "检查生成器的损失能否传到它（detach、no_grad），并检查它的学习率。"
    ),
    "The gradient of the {player}'s {layer} has had norm {norm:.2g} within the last {lines} lines.": (
        "最近 {lines} 行日志里，{player}的 {layer} 的梯度范数达到 {norm:.2g}。"
    ),
    "Lower the learning rates; under clipping, clip to less; without a penalty, add one.": (
        "降低学习率；如果用了裁剪，就裁得更小；如果没有惩罚项，就加上。"
    ),
    " and ": "、",
    "the {player}'s weights by {change:.0%}": "{player} {change:.0%}",
    "An update changes {what} of their length; a thousandth to a hundredth is usual.": (
        "一次更新使权重改变的幅度（相对其长度）太大：{what}；通常是千分之一到百分之一。"
    ),
    "Lower the learning rate.": "降低学习率。",
    (
        "The critic's slope between real and fake is {slope:.2g} where the penalty, of weight {weight:g}, asks for 1."
    ): "在真实样本与生成样本之间，判别器的斜率为 {slope:.2g}，而惩罚项（权重 {weight:g}）要求它为 1。",
    "Raise the penalty's weight (10 is usual; 1 for points), or lower the critic's learning rate.": (
        "增大惩罚项的权重（通常为 10；点数据为 1），或者降低判别器的学习率。"
    ),
    (
        "The critic's slope at samples is {slope:.2g}. Under a penalty or a bound it stays near 1: what "
        "should hold it does not reach the critic, or weighs too little."
    ): "判别器在生成样本处的斜率为 {slope:.2g}。有惩罚或约束时它应在 1 附近：约束没有传到判别器，或者太弱。",
    "Check that the penalty's gradient is taken with create_graph=True and added to the critic's loss.": (
        "检查惩罚项的梯度是否用了 create_graph=True，并且加到了判别器的损失上。"
    ),
    (
        "{share:.0%} of the critic's weights are at the clip bound of {clip:g}: it can only be a very simple function."
    ): "判别器有 {share:.0%} 的权重停在裁剪边界 {clip:g} 上：它只能是一个非常简单的函数。",
    "Use the gradient penalty, or a lower learning rate for the critic.": "改用梯度惩罚，或者降低判别器的学习率。",
    (
        "The critic scores real samples {distance:.2g} *lower* than fake ones, in {share:.0%} of pairs; a "
        "Wasserstein distance is never negative."
    ): (
        "判别器给真实样本的打分比生成样本*低* {distance:.2g}，{share:.0%} 的样本对都是如此；Wasserstein 距离"
        "不会是负的。"
    ),
    (
        "The critic does not keep up with the generator: give it more steps or a higher rate, and check the "
        "signs of both losses."
    ): "判别器跟不上生成器：让它多更新几步或提高学习率，并检查两个损失的符号。",
    (
        "In the {player}, the gradient of {low} is {span:.0e} times smaller than that of {high}: some layers "
        "hardly learn."
    ): "在{player}中，{high} 的梯度是 {low} 的 {span:.0e} 倍：有些层几乎没有在学习。",
    (
        "Use fewer layers, LeakyReLU, a norm, or another initialisation; under clipping, the gradient penalty."
    ): "减少层数、使用 LeakyReLU、加归一化，或者更换初始化方法；如果用了裁剪，改用梯度惩罚。",
    (
        "An update changes the {player}'s weights by {change:.1g} of their length; a thousandth to a "
        "hundredth is usual. In {steps:,} steps they hardly move."
    ): (
        "一次更新使{player}的权重改变的幅度（相对其长度）只有 {change:.1g}；通常是千分之一到百分之一。"
        "{steps:,} 步之内它们几乎不动。"
    ),
    "Raise the {player}'s learning rate.": "提高{player}的学习率。",
    (
        "Samples are {diversity:.0%} as far from each other as the data are: the generator makes only part of the data."
    ): "生成样本之间的距离只有真实数据的 {diversity:.0%}：生成器只产生了数据的一部分。",
    (
        "Samples look like the data, but reach only a part of them ({numbers}): the generator makes only part "
        "of the data."
    ): "生成样本看起来像数据，但只覆盖了其中一部分：{numbers}。生成器只产生了数据的一部分。",
    (
        "Around {missed:.0%} of held-out samples there are less than a quarter as many fakes as real samples: "
        "the generator makes only part of the data."
    ): "在 {missed:.0%} 的留出样本周围，生成样本不到真实样本的四分之一：生成器只产生了数据的一部分。",
    (
        "Train with WGAN-GP or R3GAN, whose critics notice what is missing; lower the generator's learning rate."
    ): "用 WGAN-GP 或 R3GAN 训练，它们的判别器能发现缺失的部分；并降低生成器的学习率。",
    "Lower the generator's learning rate, or give the critic more steps.": (
        "降低生成器的学习率，或者让判别器多更新几步。"
    ),
    (
        "Samples differ from each other, and are not like the data ({numbers}); they have come no nearer over "
        "the last half of the steps."
    ): "生成样本彼此不同，却不像数据：{numbers}；在后一半步数里，它们没有更接近数据。",
    "Look for a cause in the other findings. Without one: a larger generator and critic, or other rates.": (
        "先从其他诊断里找原因。如果没有：加大生成器和判别器，或者换用别的学习率。"
    ),
    (
        "{fake:.0%} of the samples' values lie at the ends of the range, and {real:.0%} of the data's: the "
        "last layer is saturated, and passes on hardly any gradient."
    ): (
        "生成样本有 {fake:.0%} 的值落在取值范围的两端，而真实数据只有 {real:.0%}：最后一层已经饱和，几乎不再传递梯度。"
    ),
    "Start the generator's last layer with smaller weights, and lower its learning rate.": (
        "减小生成器最后一层的初始权重，并降低它的学习率。"
    ),
    "{share:.0%} of the samples' values lie outside of the range of the data.": (
        "生成样本有 {share:.0%} 的值超出了数据的范围。"
    ),
    "End the generator in a layer with the data's range (tanh for [-1, 1]).": (
        "让生成器以取值范围与数据一致的层结束（[-1, 1] 用 tanh）。"
    ),
    ", and is sure (beyond 99.9%) of {sure:.0%}": "，并且对其中 {sure:.0%} 的判断十分确定（超过 99.9%）",
    (
        "The discriminator tells {accuracy:.1%} of real and fake samples apart{share}; hardly any gradient is "
        "left to lead the generator to the data."
    ): "判别器能区分 {accuracy:.1%} 的真假样本{share}；几乎没有梯度能把生成器引向数据。",
    (
        "Lower the discriminator's learning rate, give the generator the non-saturating loss, or use WGAN-GP, "
        "whose critic cannot be too good."
    ): "降低判别器的学习率，让生成器使用非饱和损失，或者改用 WGAN-GP，它的判别器不怕太强。",
    (
        "The critic scores training samples {train:.3g} above fakes, and samples it never saw {held_out:.3g}: "
        "{share:.0%} of its distance comes from memorising {count:,} samples."
    ): (
        "判别器给训练样本的打分比生成样本高 {train:.3g}，给没见过的样本高 {held_out:.3g}：它的距离有 "
        "{share:.0%} 来自记住了 {count:,} 个样本。"
    ),
    (
        "Read held_out_distance (metrics.jsonl, report) instead. Get more data{mirroring}{changing}, or use a "
        "smaller critic."
    ): "请改看 held_out_distance（metrics.jsonl、报告）。增加数据，或者使用更小的判别器{mirroring}{changing}。",
    (
        "{share:.0%} of samples are less than half as far from their nearest training sample as held-out "
        "samples are: the generator repeats what it was shown."
    ): "有 {share:.0%} 的生成样本到最近训练样本的距离不到留出样本的一半：生成器在重复它见过的样本。",
    (
        "Stop earlier, get more data{changing}, or use a smaller generator; `wgan report` shows samples and their "
        "nearest."
    ): "提前停止、增加数据，或者使用更小的生成器{changing}；`wgan report` 会显示生成样本和最近的训练样本。",
    (
        "Between steps {first:,} and {last:,} the samples' distance from the data swung {turns} times between "
        "{low:.2f} and {high:.2f}."
    ): (
        "在第 {first:,} 步到第 {last:,} 步之间，生成样本与数据的距离在 {low:.2f} 和 {high:.2f} 之间来回摆动了 "
        "{turns} 次。"
    ),
    "Lower both learning rates, use Adam without momentum (betas 0 and 0.9), or average over more steps.": (
        "把两个学习率都降低，使用不带动量的 Adam（betas 为 0 和 0.9），或者对更多步取平均。"
    ),
    (
        "Samples were nearest to the data about step {step:,} (Fréchet distance {value:.3g}); now it is {now:.3g}."
    ): "生成样本在第 {step:,} 步左右最接近数据（Fréchet 距离 {value:.3g}）；现在是 {now:.3g}。",
    "Keep the best generator besides the newest, and let the learning rates fall.": (
        "除最新的生成器外，同时保留最好的那个，并让学习率逐渐下降。"
    ),
    (
        "Samples do not show what they are asked for: their {part} is that of the nearest held-out sample {value:.2f}, "
        "where chance is 0 and real samples have {floor:.2f}."
    ): (
        "生成样本没有表现出对它们的要求：它们的 {part} 与最近的留出样本的符合程度是 {value:.2f}（随机为 0，真实样本为 "
        "{floor:.2f}）。"
    ),
    "Look at how forward uses the condition: scale and shift features by it, or put it beside the input.": (
        "检查 forward 怎样使用条件：用它缩放和平移特征，或者把它拼接到输入上。"
    ),
    (
        " The critic scores {share:.0%} of real samples higher with their own condition than with another, where "
        "chance is 50%."
    ): "配上自己的条件比配上别的条件得分更高的真实样本只占 {share:.0%}（随机为 50%）：判别器不听条件。",
    (
        " With another condition the generator moves its samples by {moved:.2g} of the data's spread; between real "
        "samples it is {least:.2g} or more."
    ): "换一个条件时，生成器的样本只移动数据散布的 {moved:.2g}；真实样本之间至少是 {least:.2g}。",
    (
        "The conditions say nothing about the samples: the nearest held-out sample of a training sample has its "
        "condition little more often than chance ({numbers}, where 0 is chance), and the critic never scored more than "
        "{share:.0%} of held-out samples higher with their own condition than with another."
    ): (
        "条件与样本毫无关系：与训练样本最近的留出样本，其条件相符的程度不超过随机（{numbers}；0 为随机），"
        "而且配上自己的条件比配上别的条件得分更高的留出样本从未超过 {share:.0%}。"
    ),
    "Look at the data (wgan data): the conditions are in another order than the samples, or are of no use.": (
        "检查数据（`wgan data`）：条件与样本的顺序不一致，或者条件没有用处。"
    ),
    "{name} {value:.2f}": "{name} {value:.2f}",
    (
        "Samples that are asked for the same {part} are alike{which}: they are {value:.0%} as far from each other as "
        "such real samples are, where others of those have {floor:.0%}."
    ): (
        "要求同一个 {part} 的生成样本几乎都一样{which}：它们之间的距离只有同类真实样本的 {value:.0%}（另外的真实样本为 "
        "{floor:.0%}）。"
    ),
    "Lower the generator's learning rate, give it more latents, or train with fewer classes.": (
        "降低生成器的学习率，增加潜变量，或者减少类别。"
    ),
    " ({names})": "（{names}）",
}
