"""Many runs, and their table."""

SWEEPS = {
    "recipe  {recipe} on {data}": "配方    {recipe}，数据 {data}",
    "vary    {key}: {values}": "变化    {key}：{values}",
    "runs    {count} in {folder}, seeds {seeds}; {left} left": (
        "训练    {folder} 中共 {count} 次，随机种子 {seeds}；还剩 {left} 次"
    ),
    "rank    by {metric}, {where}": "排名    按 {metric}，{where}",
    "        {jobs} at once; CPU threads of each: {threads}, whatever --jobs is, since they change the last digits": (
        "        同时训练 {jobs} 个；每个的 CPU 线程数固定为 {threads}，与 --jobs 无关，因为线程数会改变最后几位数字"
    ),
    "        --minutes makes the length of a run depend on how busy the machine is; --steps does not": (
        "        用 --minutes 时，训练的长短取决于机器有多忙；用 --steps 则不会"
    ),
    "done": "已完成",
    "to train": "待训练",
    "{steps:,} steps": "{steps:,} 步",
    "  and {count:,} more": "  以及另外 {count:,} 个",
    "time    about {time} for what is left, one after the other": "时间    剩下的逐个训练约需 {time}",
    "A dry run: nothing was written.": "试运行：没有写入任何文件。",
    "  {run} failed: {why}": "  {run} 失败：{why}",
    "  {file}   the table as a page, with links to the runs": "  {file}   网页形式的表格，链接到各次训练",
    "  {file}   the same for other programs": "  {file}   供其他程序读取的表格",
    "at its last step": "取最后一步的值",
    "at its best step": "取最好一步的值",
    "{where} ({step:,})": "{where}（{step:,}）",
    "deviation over seeds": "种子间的标准差",
    "lowest to highest seed": "种子间的最低至最高",
    "rank": "名次",
    "runs": "训练结果",
    "run": "训练",
    "Runs": "各次训练",
    "seed": "随机种子",
    "verdict": "结论",
    "All runs side by side": "所有训练并排比较",
    "A dot is a run, the bar their mean{floor}.": "圆点是一次训练，竖线是它们的均值{floor}。",
    ", the dashed line what real samples have": "，虚线是真实样本的值",
    "{metric} from {low} to {high}": "{metric}，{low} 至 {high}",
    "{metric} from {low} to {high}, logarithmic": "{metric}，{low} 至 {high}，对数刻度",
    "not told apart from the first": "与第一名无法区分",
    "unfinished": "未完成",
    "failed": "失败",
    "No run has a value of {metric} yet.": "还没有任何训练有 {metric} 的值。",
    (
        "Ranked by {metric} ({better} is better) as each run was evaluated {where}: {fakes:,} fakes against "
        "{reals:,} held-out reals."
    ): (
        "按 {metric} 排名（{better}为好），是每次训练中的评估值，{where}："
        "{fakes:,} 个生成样本与 {reals:,} 个留出的真实样本相比。"
    ),
    (
        "Ranked by {metric} ({better} is better) as each run compares itself with held-out reals while it trains, "
        "{where}: {fakes:,} fakes against {reals:,} reals."
    ): (
        "按 {metric} 排名（{better}为好），是每次训练途中与留出的真实样本的比较值，{where}："
        "{fakes:,} 个生成样本与 {reals:,} 个真实样本相比。"
    ),
    " Real samples in their place have {floor}.": "换成真实样本则为 {floor}。",
    "With one seed each, no two settings are told apart: add --seeds 3, or more.": (
        "每种设定只有一个随机种子，无法区分任何两种设定：请加上 --seeds 3 或更多。"
    ),
    (
        "{count} of {total} other settings are told apart from the first: by more than seeds differ, and by more "
        "than chance (Student's t-test, 5% for all pairs together, by Holm)."
    ): (
        "其余 {total} 种设定中有 {count} 种能与第一名区分开：差别大于种子之间的差别，也超出偶然"
        "（学生 t 检验，全部两两比较合计 5%，Holm 校正）。"
    ),
    "Settings of which a run failed come after those of which none did; their mean is that of the rest.": (
        "有训练失败的设定排在没有失败的之后；其均值只取其余的训练。"
    ),
    "not started": "未开始",
    "        some draws were alike: {count} combinations are different": (
        "        有些抽样结果相同：不同的组合有 {count} 种"
    ),
    "{file} lists these runs; nothing is trained yet.": "{file} 列出了这些训练；尚未开始训练。",
    "Once the jobs have ended, the same command with --table in place of --slurm makes the table.": (
        "作业全部结束后，把同一命令中的 --slurm 换成 --table 即可生成表格。"
    ),
    "        other settings of this sweep are shown too: {count} more runs": (
        "        表中也列出此扫描的其他设定：另有 {count} 次训练"
    ),
    "        {count} of these runs are known from earlier commands and keep their names, as {name}": (
        "        其中 {count} 次训练来自先前的命令，名称保持不变，如 {name}"
    ),
    "  {file}   all runs side by side": "  {file}   并排比较所有训练",
    "{ended} of {total} runs ended": "{total} 次训练中已结束 {ended} 次",
    "{said}, about {time} left": "{said}，约剩 {time}",
    "failed: {why}": "失败：{why}",
    "  {run}: step {step:,} of {steps:,}; {overall}": "  {run}：第 {step:,} 步，共 {steps:,} 步；{overall}",
}
