using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>Two linear layers with an exact GELU between: [.., d] to [.., d] by way of <c>ratio</c> d.</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;

    public Mlp(int channels, int ratio)
        : base(nameof(Mlp))
    {
        fc1 = nn.Linear(channels, (long)channels * ratio);
        fc2 = nn.Linear((long)channels * ratio, channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.call(nn.functional.gelu(fc1.call(x))).MoveToOuterDisposeScope();
    }
}
