"""What leaves the machine: the page of `wgan explore`."""

SHARE: dict[str, str] = {
    "exporting the generator ...": "正在导出生成器……",
    "writing the report ...": "正在编写报告……",
    "{name}: a generator to explore": "{name}：可以探索的生成器",
    "A generator to explore": "可以探索的生成器",
    "Loading the generator …": "正在载入生成器……",
    "This page needs JavaScript: the generator runs in it.": "本页需要 JavaScript：生成器就在页面里运行。",
    "Samples": "样本",
    "Seed": "种子",
    "Another seed": "换一个种子",
    "Truncation": "截断",
    "Slice": "切片",
    "one of each": "各一个",
    "More samples": "更多样本",
    "The chosen sample": "选中的样本",
    "Save": "保存",
    "Copy command": "复制命令",
    "Copied": "已复制",
    "Pick": "收藏",
    "Undo": "撤销",
    "Its neighbourhood": "它的邻域",
    "Directions": "方向",
    "The generator failed. Try again, or load the page anew:": "生成器出错。请重试，或重新载入本页：",
    "Click a point, or go to the next one with the arrow keys.": "点击一个点，或用方向键选择下一个。",
    "Back to the samples": "回到样本",
    "Drag, or use the arrow keys.": "拖动，或使用方向键。",
    "Principal directions": "主方向",
    "Nearest of {count} training samples": "{count} 个训练样本中最近的",
    "From one to the next": "从一个到下一个",
    "Picked samples, and what lies between them.": "收藏的样本，以及它们之间的样本。",
    "Forget them": "清空",
    "Licence of ONNX Runtime Web, which runs the generator in this page": (
        "在本页运行生成器的 ONNX Runtime Web 的许可证"
    ),
    "The generator runs in this page: ready in {seconds} s.": "生成器在本页中运行：{seconds} 秒后就绪。",
    "The generator cannot run here. A current browser with WebAssembly is needed.": (
        "生成器无法在这里运行。需要支持 WebAssembly 的较新浏览器。"
    ),
    "Sample {index} of seed {seed}": "种子 {seed} 的第 {index} 个样本",
    "Between two samples": "两个样本之间",
    "(moved)": "（已移动）",
    "(truncated)": "（已截断）",
    "Below each, how far it is: the root of the mean square of all differences, where black and white are 2 apart.": (
        "下面是距离：所有差值的均方根，其中黑与白相距 2。"
    ),
    "Below each, how far it is: the root of the mean square of all differences, as networks see the values.": (
        "下面是距离：所有差值的均方根，数值以网络所见为准。"
    ),
    "none": "无",
    "Between two classes there is nothing that a command can ask for.": "两个类别之间的样本，没有命令可以要求。",
    "principal {a} and {b}": "主方向 {a} 与 {b}",
    "two at random": "随机两个",
    "Principal direction {k}: {share} of the variance": "主方向 {k}：占方差的 {share}",
    "Here, {count} samples differ from PyTorch's by {difference} at most.": (
        "在这里，{count} 个样本与 PyTorch 的结果最多相差 {difference}。"
    ),
    "recipe": "配方",
    "latents": "潜变量",
    "Weights are kept in fp16. That moves values by {difference} at most and {typical} typically, of {span} from the "
    "lowest to the highest, in the units of the data.": (
        "权重以 fp16 保存。按数据的单位，数值最多移动 {difference}，通常移动 {typical}，而最低值到最高值相距 {span}。"
    ),
    "This page contains {count} training samples.": "本页包含 {count} 个训练样本。",
    "This page contains no training sample, loads nothing and sends nothing.": (
        "本页不含任何训练样本，不载入也不发送任何东西。"
    ),
    "note: the page contains {count} training samples.": "注意：页面包含 {count} 个训练样本。",
    "{file} ({size} MB): takes {inputs}; in onnxruntime {difference}.": (
        "{file}（{size} MB）：输入 {inputs}；在 onnxruntime 中{difference}。"
    ),
    "equal to PyTorch": "与 PyTorch 相同",
    "{difference} of {span} at most from PyTorch, {share} of values not the same": (
        "与 PyTorch 最多相差 {difference}（范围 {span}），{share} 的值不同"
    ),
    "{page} ({size} MB). Weights in fp16 move values by {difference} at most, {typical} typically, of {span}.": (
        "{page}（{size} MB）。fp16 权重使数值最多移动 {difference}，通常移动 {typical}，范围为 {span}。"
    ),
}
