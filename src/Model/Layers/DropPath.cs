using static TorchSharp.torch;

namespace MlTr.Model.Layers;

/// <summary>
/// Stochastic depth: in training drops a whole residual branch of an image with probability <c>rate</c> and scales the others to keep the mean.
/// Draws from torch's default generator, which the trainer seeds anew for each step.
/// </summary>
internal sealed class DropPath(double rate) : nn.Module<Tensor, Tensor>(nameof(DropPath))
{
    public override Tensor forward(Tensor branch_BLD)
    {
        if (!training || rate == 0)
        {
            return branch_BLD.alias();
        }

        using var scope = NewDisposeScope();
        var kept_B11 = rand(branch_BLD.shape[0], 1, 1, device: branch_BLD.device).add(1 - rate).floor().div(1 - rate);
        return branch_BLD.mul(kept_B11).MoveToOuterDisposeScope();
    }
}
