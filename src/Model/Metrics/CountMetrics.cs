namespace MlTr.Model.Metrics;

/// <summary>Collects what the count head says: how many classes are present. Whole numbers only, so that shards merge exactly.</summary>
public sealed class CountMetrics
{
    private long exact, error, images;

    /// <summary>Adds one image by its predicted and true number of present classes.</summary>
    public void Append(int predicted, int actual)
    {
        exact += predicted == actual ? 1 : 0;
        error += Math.Abs((long)predicted - actual);
        images++;
    }

    /// <summary>Adds the images of another collection.</summary>
    public void Merge(CountMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (exact, error, images) = (exact + other.exact, error + other.error, images + other.images);
    }

    /// <summary>Accuracy and mean absolute error; null before the first image.</summary>
    public CountReport? Evaluate() => images == 0 ? null : new CountReport((double)exact / images, (double)error / images);
}
