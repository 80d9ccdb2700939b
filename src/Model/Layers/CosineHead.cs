using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>Arc sigmoid (Eq. 13, with the sign the text means): logits [B, K] are s times the cosine between features [B, D] and class weights.</summary>
internal sealed class CosineHead : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double scale;

    public CosineHead(int features, int classes, double scale)
        : base(nameof(CosineHead))
    {
        this.scale = scale;
        weight = nn.Parameter(zeros(classes, features));
        RegisterComponents();
    }

    public override Tensor forward(Tensor features_BD)
    {
        using var scope = NewDisposeScope();
        var cosine = matmul(Unit(features_BD), Unit(weight).t());
        return cosine.mul(scale).MoveToOuterDisposeScope();
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, p: 2, dim: -1, eps: 1e-12);
}
