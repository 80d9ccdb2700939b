using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>The running mean of all weights (EMA), evaluated beside the raw ones. Short runs use a smaller decay, so that the start does not dominate them.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly string[] names;
    private readonly Tensor[] weights, averages;
    private readonly double decay;

    public WeightAverage(IReadOnlyList<(string Name, Tensor Value)> weights, double decay)
    {
        this.decay = decay;
        names = [.. weights.Select(w => w.Name)];
        this.weights = [.. weights.Select(w => w.Value)];
        averages = [.. weights.Select(w => w.Value.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>The averages by weight name; they belong to this object.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State => [.. names.Zip(averages)];

    public static double DecayAt(long step, double decay) => Math.Min(decay, (1.0 + step) / (10 + step));

    /// <summary>Takes in the weights after the given step, counted from 0.</summary>
    public void Update(long step)
    {
        using var noGradient = no_grad();
        TensorLists.MoveTowards(averages, weights, 1 - DecayAt(step, decay));
    }

    /// <summary>Puts the averages into the network until disposed.</summary>
    public IDisposable Swap()
    {
        Exchange();
        return new Undo(Exchange);
    }

    public void Dispose()
    {
        foreach (var average in averages)
        {
            average.Dispose();
        }
    }

    private void Exchange()
    {
        using var noGradient = no_grad();
        for (var i = 0; i < weights.Length; i++)
        {
            using var kept = weights[i].detach().clone();
            _ = weights[i].copy_(averages[i]);
            _ = averages[i].copy_(kept);
        }
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
