"""Findings before the first step, on objectives and settings."""

SETTINGS = {
    (
        "The critic's loss falls when *fake* samples are scored higher, which is what the generator wants too "
        "(tried on a critic whose scores are known)."
    ): "给*生成*样本打分越高，判别器的损失越小，而这也正是生成器想要的（用打分已知的判别器试过）。",
    (
        "The generator's loss falls when its samples are scored *lower*: it learns to be found out (tried on "
        "a critic whose scores are known)."
    ): "生成器的样本得分越*低*，它的损失越小：它在学习怎样被识破（用打分已知的判别器试过）。",
    (
        "Both players take high scores for fake; here they mean real, so every distance has the wrong sign "
        "(tried on a critic whose scores are known)."
    ): "双方都把高分当作“假”；而这里高分表示“真”，所以每个距离的符号都反了（用打分已知的判别器试过）。",
    "The critic minimises mean C(fake) - mean C(real), the generator -mean C(fake).": (
        "判别器应当最小化 mean C(fake) - mean C(real)，生成器应当最小化 -mean C(fake)。"
    ),
    "The gradient of the critic's loss is the same whatever the real samples are.": (
        "无论真实样本是什么，判别器损失的梯度都一样。"
    ),
    "The gradient of the critic's loss is the same whatever the fake samples are.": (
        "无论生成样本是什么，判别器损失的梯度都一样。"
    ),
    "The gradient of the critic's loss is the same whatever the real and the fake samples are.": (
        "无论真实样本和生成样本是什么，判别器损失的梯度都一样。"
    ),
    "Give both scores to the loss; look for detach() and no_grad() around them.": (
        "把两种打分都交给损失函数；检查它们附近有没有 detach() 和 no_grad()。"
    ),
    "The gradient of the generator's loss does not reach a single weight of the generator.": (
        "生成器损失的梯度没有传到生成器的任何一个权重。"
    ),
    "Look for detach(), no_grad(), .data or .item() between the generator's output and `generator_loss`.": (
        "检查从生成器的输出到 `generator_loss` 之间有没有 detach()、no_grad()、.data 或 .item()。"
    ),
    (
        "The penalty's gradient does not reach the critic's weights (tried on linear critics: the loss "
        "changes with their slope, and its gradient does not)."
    ): "惩罚项的梯度没有传到判别器的权重（用线性判别器试过：损失随斜率变化，而损失的梯度不变）。",
    (
        "Take the slopes with torch.autograd.grad(..., create_graph=True), or wgan.slopes(critic, x), and do "
        "not detach them."
    ): ("用 torch.autograd.grad(..., create_graph=True) 或 wgan.slopes(critic, x) 求斜率，并且不要对它做 detach()。"),
    (
        "The critic's loss *falls* when slopes grow from 100 to 1,000: the penalty has the wrong sign, and "
        "slopes grow without bound."
    ): "斜率从 100 增大到 1,000 时，判别器的损失反而*下降*：惩罚项的符号反了，斜率会无限增大。",
    "Add the penalty to the critic's loss; do not subtract it.": "惩罚项要加到判别器的损失上，而不是减去。",
    (
        "The penalty weighs about {cost:.3g}; published weights are 0.1 to 150. The critic gives all samples "
        "much the same score, and the generator learns little from it."
    ): (
        "惩罚项的权重约为 {cost:.3g}；论文中的取值为 0.1 到 150。判别器给所有样本的打分都差不多，生成器从中学不到什么。"
    ),
    (
        "The penalty weighs about {cost:.3g}; published weights are 0.1 to 150. It hardly bounds the critic's slope."
    ): "惩罚项的权重约为 {cost:.3g}；论文中的取值为 0.1 到 150。它几乎约束不了判别器的斜率。",
    "Use the usual weight.": "使用通常的权重。",
    (
        "Linear critics of the same slope get different penalties, depending on the direction of the slope or "
        "the size of the batch: the norm is not taken over all axes of one sample."
    ): "斜率相同的线性判别器得到的惩罚不同，随斜率的方向或批量大小而变：范数没有在单个样本的所有轴上计算。",
    "Take gradient.flatten(1).norm(dim=1), or wgan.slopes(critic, x).": (
        "使用 gradient.flatten(1).norm(dim=1) 或 wgan.slopes(critic, x)。"
    ),
    (
        "The critic's loss falls for ever by scaling the scores up: it has no penalty on slopes, `constrain` "
        "changes nothing, and the critic is not normalised."
    ): "只要放大打分，判别器的损失就会一直下降：没有对斜率的惩罚，`constrain` 不起作用，判别器也没有归一化。",
    "Add the gradient penalty.": "加上梯度惩罚。",
    "1 update": "1 次更新",
    "{count} updates": "{count} 次更新",
    "Weights are clipped to {clip:g}, which leaves almost no difference between scores.": (
        "权重被裁剪到 {clip:g}，打分之间几乎没有差别。"
    ),
    "Weights are clipped to {clip:g}, which bounds nothing: slopes grow with its powers.": (
        "权重被裁剪到 {clip:g}，这起不到约束作用：斜率会按它的幂次增大。"
    ),
    "Clip to 0.01 (pictures) or 0.1 (points), or use the gradient penalty, which needs no such choice.": (
        "裁剪到 0.01（图片）或 0.1（点），或者改用梯度惩罚，就不需要选这个值。"
    ),
    (
        "A Wasserstein loss with penalty weight 0 and no clipping: nothing bounds the critic's slope, so its "
        "loss falls for ever by scaling the scores up."
    ): "Wasserstein 损失，但惩罚权重为 0，也没有权重裁剪：判别器的斜率不受约束，只要放大打分，损失就会一直下降。",
    (
        "The critic's weights are clipped, and its optimiser has momentum {momentum:g}: the paper found this "
        "unstable, since the critic's loss is not stationary."
    ): ("判别器的权重被裁剪，而它的优化器带有 {momentum:g} 的动量：原论文发现这样不稳定，因为判别器的损失不是平稳的。"),
    "Use RMSprop, as the paper does.": "像原论文一样使用 RMSprop。",
    "{player}'s {momentum:g}": "{player} {momentum:g}",
    (
        "The momentum is the {found}; published GANs use 0 to 0.5, a few 0.9. Updates overshoot what the "
        "other player has moved."
    ): "动量过大：{found}；已发表的 GAN 用 0 到 0.5，少数用 0.9。对手已经移动，更新却还会冲过头。",
    "Use Adam without momentum.": "使用不带动量的 Adam。",
    (
        "Weights are clipped to {clip:g} under a cross-entropy: logits stay near 0, every probability near "
        "one half and the loss near log 2, so the gradient says little."
    ): (
        "损失是交叉熵，而权重被裁剪到 {clip:g}：logit 停在 0 附近，每个概率都接近二分之一，损失接近 log 2，所"
        "以梯度几乎不含信息。"
    ),
    "Do not clip: use the gradient penalty, with the Wasserstein loss.": (
        "不要裁剪：使用梯度惩罚，配合 Wasserstein 损失。"
    ),
    (
        "The loss is a cross-entropy (BCE), and slopes between real and fake are held near one as in WGAN-GP. "
        "This is no Wasserstein distance, and its loss does not tell how good the samples are."
    ): (
        "损失是交叉熵（BCE），却又像 WGAN-GP 那样把真实样本与生成样本之间的斜率保持在 1 附近。这不是 "
        "Wasserstein 距离，损失也反映不了样本的好坏。"
    ),
    "Use the Wasserstein loss with this penalty.": "这种惩罚应与 Wasserstein 损失一起使用。",
    (
        "Losses are summed over {batch_size} samples for plain SGD: its rate of {critic_rate:g} is one of "
        "{mean_rate:g} on the mean, and the penalty, a mean, counts for 1/{batch_size} of what it should."
    ): (
        "损失对 {batch_size} 个样本求和，而优化器是普通的 SGD：学习率 {critic_rate:g} 相当于对均值用 "
        "{mean_rate:g}，而惩罚项是均值，其作用只有应有的 1/{batch_size}。"
    ),
    "Average the losses, or use an optimiser that normalises gradients.": (
        "对损失取平均，或者使用会归一化梯度的优化器。"
    ),
    "{setting} is {rate:g}{risen}": "{setting} 为 {rate:g}{risen}",
    ", and rises to {times:g} times that": "，并将升到它的 {times:g} 倍",
    "{rates}; rates of {known} and more hardly ever work.": "{rates}；达到 {known} 及以上的学习率几乎都会失败。",
    "Use a lower rate.": "降低学习率。",
    (
        "In a step the critic has {critic_updates} of rate {critic_rate:g}, together {pace:.2g} of the "
        "generator's {generator_updates} of rate {generator_rate:g}; it should be near its optimum before "
        "each."
    ): (
        "每一步中，判别器有 {critic_updates}，学习率 {critic_rate:g}；生成器有 {generator_updates}，学习率 "
        "{generator_rate:g}。判别器的总步幅只有生成器的 {pace:.2g} 倍；而在生成器每次更新之前，判别器都应接近"
        "最优。"
    ),
    "Give the critic the generator's rate and five steps to one.": (
        "让判别器使用生成器的学习率，生成器每更新一次，判别器更新五次。"
    ),
    "Batches hold {batch_size}: each update follows the accidents of a few samples.": (
        "每批只有 {batch_size} 个样本：每次更新都受少数样本的偶然性左右。"
    ),
    "Use batches of 16 or more.": "批量大小用 16 或更大。",
    (
        "The generator normalises over batches of {batch_size}: the few other samples decide what a sample looks like."
    ): "生成器在大小为 {batch_size} 的批次上做归一化：一个样本的样子取决于同批的少数几个样本。",
    "Use batches of 16 or more, or a generator without BatchNorm.": (
        "批量大小用 16 或更大，或者让生成器不用 BatchNorm。"
    ),
}
