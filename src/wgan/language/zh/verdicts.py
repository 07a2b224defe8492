"""Verdicts, and what commands say around them."""

VERDICTS = {
    "error": "错误",
    "warning": "警告",
    "note": "提示",
    "warming-up": "预热中",
    "learning": "学习中",
    "healthy": "健康",
    "converged": "已收敛",
    "stalled": "停滞",
    "unstable": "不稳定",
    "collapsing": "模式崩溃",
    "diverged": "已发散",
    "broken": "无法训练",
    "generator": "生成器",
    "critic": "判别器",
    "Fréchet distance {value:.3g}, where real samples have {floor:.3g}": (
        "Fréchet 距离 {value:.3g}（真实样本为 {floor:.3g}）"
    ),
    "; too few are held out, so these are training samples": "；留出的数据太少，所以这里比较的是训练样本",
    "; by {count} held-out samples, so roughly": "；只有 {count} 个留出样本可比，所以数值只是大概",
    ", ": "，",
    "{name} {value:.2f} of {floor:.2f}": "{name} {value:.2f}（真实样本 {floor:.2f}）",
    "It has come no nearer over the last half of the steps, and is far from the data: {now}.": (
        "在后一半步数里没有更接近数据，而且离数据还很远：{now}。"
    ),
    " It went back to a checkpoint {often}, each time with lower learning rates.": (
        "训练曾回到检查点 {often}，每次都降低了学习率。"
    ),
    " It was stopped at step {step:,}, since it had been converged from step {since:,} on.": (
        "训练在第 {step:,} 步提前结束：从第 {since:,} 步起一直是已收敛。"
    ),
    " It was stopped at step {step:,}: {metric} has not improved beyond its noise since step {since:,}.": (
        "训练在第 {step:,} 步提前结束：从第 {since:,} 步起，{metric} 的改进没有超出其噪声。"
    ),
    " It was stopped at step {step:,}, after {minutes:.3g} minutes of training where it was given {given:g}: "
    "its steps took longer than when they were timed.": (
        "训练在第 {step:,} 步提前结束：给定 {given:g} 分钟，已训练 {minutes:.3g} 分钟，因为每一步都比事先测得的更慢。"
    ),
    "once": "1 次",
    "{times} times": "{times} 次",
    "Numbers grew without bound or were not finite, and the run ended.": "数值无限增大或不再有限，训练已终止。",
    "Training does not work; {code} explains it best.": "训练没有效果；最可能的原因是 {code}。",
    "The set-up is wrong ({code}).": "设置有误（{code}）。",
    "Samples have not been compared with held-out data; `wgan evaluate` does that.": (
        "还没有把生成样本与留出数据比较；请运行 `wgan evaluate`。"
    ),
    "Far from the data: {now}. One comparison does not say whether it comes nearer.": (
        "离数据还很远：{now}。只有一次比较，看不出是否在接近。"
    ),
    "It is like its training samples; whether it learnt more than those is unknown: {now}.": (
        "生成样本与训练样本相像；是否学到了更多，还不知道：{now}。"
    ),
    "It is near the data; but its critic knows the training samples by heart, and {count} held-out samples are "
    "too few to tell whether the generator learnt more than those: {now}.": (
        "已经接近数据；但判别器已把训练样本背了下来，{count} 个留出样本又太少，看不出生成器是否学到了更多：{now}。"
    ),
    "Training samples are not like the held-out ones themselves, so nothing says how near it is: {now}.": (
        "训练样本本身就不像留出样本，因此看不出离数据有多近：{now}。"
    ),
    "It works, and nothing measured has improved over the last half of the steps: {now}.": (
        "训练成功，并且在后一半步数里各项指标都没有再提高：{now}。"
    ),
    "It comes nearer to the data, and is not there: {now}.": "正在接近数据，但还没有到：{now}。",
    "It keeps improving, and is near the data: {now}.": "还在进步，并且已经接近数据：{now}。",
    "It is near the data; whether more steps help, a longer run shows: {now}.": (
        "已经接近数据；继续训练是否有用，要看更长的训练：{now}。"
    ),
    "Too early to tell: runs that end well often look like this ({now}).": (
        "现在判断还太早：最终成功的训练开始时往往也是这样：{now}。"
    ),
    "Too short to tell whether it comes nearer to the data ({now}).": "训练太短，看不出是否在接近数据：{now}。",
    "{run}: {verdict} at step {step:,}": "{run}：第 {step:,} 步，{verdict}",
    ", since step {step:,}": "，从第 {step:,} 步起",
    "{severity}: {code}{since}": "{severity}：{code}{since}",
    "Try one thing at a time, the first one first: what comes later is often only its consequence.": (
        "一次只试一项，从第一项开始：后面的问题往往只是它的结果。"
    ),
    "Nothing was found that stands against it.": "没有发现问题。",
    "  Try: the same command with {settings} --out ANOTHER-FOLDER": (
        "  试试：在原来的命令后加上 {settings} --out 另一个文件夹"
    ),
    "See: {reference}": "参考：{reference}",
    "{run} at step {step:,}: {n:,} fakes against {reference:,} held-out reals of {data}": (
        "{run}，第 {step:,} 步：{n:,} 个生成样本，对比 {data} 的 {reference:,} 个留出真实样本"
    ),
    "Evaluation": "评估",
    "{n:,} fakes against {reference:,} held-out reals of {data}": (
        "{n:,} 个生成样本，对比 {data} 的 {reference:,} 个留出真实样本"
    ),
    "not finite": "非有限值",
    ", the mean of {count} such sets": "，取 {count} 组的平均",
    "floor: {count:,} real training samples in place of the fakes, the best to be expected{sets}": (
        "基准：用 {count:,} 个真实训练样本代替生成样本，是能期望的最好结果{sets}"
    ),
    "value": "值",
    "95% interval": "95% 区间",
    "floor": "基准",
    " (of {n:,})": "（共 {n:,} 个）",
    (
        "95% interval: over other draws of fakes, the reals staying the same; from random halves of the fakes "
        "(a jackknife, not a bootstrap)"
    ): (
        "95% 区间：真实样本不变，重新抽取生成样本时的变化范围；由生成样本的随机二等分算出（jackknife，不是 bootstrap）"
    ),
    "seen by {names}: {what}": "{names} 所用的特征：{what}",
    "note: {text}": "提示：{text}",
    "better": "更优",
    "lower": "越低越好",
    "higher": "越高越好",
    "{low} to {high}": "{low} 至 {high}",
    "Done: {steps:,} steps, {images:,} images seen in {time}.": (
        "完成：{steps:,} 步，累计用了 {images:,} 个样本，用时 {time}。"
    ),
    "Verdict: {verdict}. {summary}": "结论：{verdict}。{summary}",
    "{severity}: {code}. {evidence} {advice}": "{severity}：{code}。{evidence}{advice}",
    "  {severity}: {code}. {evidence}": "  {severity}：{code}。{evidence}",
    "  wgan doctor {run}   what to do about it": "  wgan doctor {run}   查看解决办法",
    "  wgan sample {run} --step {step}   the best by {metric}": (
        "  wgan sample {run} --step {step}   按 {metric} 最好的一步"
    ),
    "  {file}   the newest pictures": "  {file}   最新的样本",
    "  {file}   how they came about": "  {file}   样本的演变过程",
    "  {file}   everything on one page": "  {file}   汇总在一页上的报告",
    "  wgan sample {run} --condition {asked}   what you ask for": (
        "  wgan sample {run} --condition {asked}   按条件生成"
    ),
    "More: wgan explore {run} · wgan sample {run} -n 100 · tensorboard --logdir {folder}": (
        "更多：wgan explore {run} · wgan sample {run} -n 100 · tensorboard --logdir {folder}"
    ),
    "The learning rate has reached 0. To train longer, start anew with more --steps and schedule.steps.": (
        "学习率已经降到 0。要训练更久，请增大 --steps 和 schedule.steps 重新开始。"
    ),
    "To train on: the same command with {option}": "继续训练：在原来的命令后加上 {option}",
    (
        "{evidence} {advice}{remedy}; or, to see what happens, {ignored} (from Python, settings={settings}). "
        "({reference}.)"
    ): (
        "{evidence}{advice}{remedy}；如果想看看会怎样，加上 {ignored}（在 Python 中用 settings={settings}）。"
        "（{reference}）"
    ),
}
