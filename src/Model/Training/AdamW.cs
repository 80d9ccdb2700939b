using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>
/// AdamW with decoupled decay on matrices only: norms, biases, position bias tables and the object token keep their size. The rate and beta1
/// come with each step. Owns its moments and the 0-dim step counters.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly Group[] groups;
    private readonly double beta2, eps;

    public AdamW(IReadOnlyList<(string Name, Tensor Value)> weights, double weightDecay, double beta2 = 0.999, double eps = 1e-8)
    {
        (this.beta2, this.eps) = (beta2, eps);
        groups = [new Group(weights.Where(w => Decays(w.Name, w.Value)), weightDecay), new Group(weights.Where(w => !Decays(w.Name, w.Value)), 0)];
    }

    /// <summary>Moments and step counters by name, for checkpoints; they belong to the optimizer.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State =>
        [.. groups.SelectMany(g => g.Names.SelectMany((name, i) => new[] { ($"m.{name}", g.First[i]), ($"v.{name}", g.Second[i]), ($"t.{name}", g.Steps[i]) }))];

    public static bool Decays(string name, Tensor weight) =>
        weight.dim() >= 2 && name != "object_token" && !name.EndsWith("relative_position_bias_table", StringComparison.Ordinal);

    /// <summary>One step with the gradients the weights carry.</summary>
    /// <param name="rate">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="fused">Whether the fused kernel may be used, if it is there.</param>
    public void Step(double rate, double beta1, bool fused = true)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in groups.Where(g => g.Names.Length > 0))
        {
            var gradients = group.Weights.Select(w => w.grad ?? zeros_like(w)).ToArray();
            if (fused && TensorLists.Fused)
            {
                TensorLists.AdamW(group.Weights, gradients, group.First, group.Second, group.Steps, rate, beta1, beta2, group.Decay, eps);
            }
            else
            {
                OneByOne(group, gradients, rate, beta1);
            }
        }
    }

    public void Dispose()
    {
        foreach (var tensor in groups.SelectMany(g => g.First.Concat(g.Second).Concat(g.Steps)))
        {
            tensor.Dispose();
        }
    }

    /// <summary>The same step without the fused kernel.</summary>
    private void OneByOne(Group group, Tensor[] gradients, double rate, double beta1)
    {
        for (var i = 0; i < group.Weights.Length; i++)
        {
            var (weight, first, second) = (group.Weights[i], group.First[i], group.Second[i]);
            var t = group.Steps[i].add_(1).ToDouble();
            _ = weight.mul_(1 - rate * group.Decay);
            _ = first.lerp_(gradients[i], 1 - beta1);
            _ = second.mul_(beta2).addcmul_(gradients[i], gradients[i], 1 - beta2);
            var scale = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, t))).add_(eps);
            _ = weight.addcdiv_(first, scale, -rate / (1 - Math.Pow(beta1, t)));
        }
    }

    private sealed class Group
    {
        public Group(IEnumerable<(string Name, Tensor Value)> weights, double decay)
        {
            var all = weights.ToArray();
            using var noGradient = no_grad();
            Names = [.. all.Select(w => w.Name)];
            Weights = [.. all.Select(w => w.Value)];
            First = [.. Weights.Select(w => zeros_like(w).DetachFromDisposeScope())];
            Second = [.. Weights.Select(w => zeros_like(w).DetachFromDisposeScope())];
            Steps = [.. Weights.Select(w => zeros(Array.Empty<long>(), ScalarType.Float32, w.device).DetachFromDisposeScope())];
            Decay = decay;
        }

        public string[] Names { get; }

        public Tensor[] Weights { get; }

        public Tensor[] First { get; }

        public Tensor[] Second { get; }

        public Tensor[] Steps { get; }

        public double Decay { get; }
    }
}
