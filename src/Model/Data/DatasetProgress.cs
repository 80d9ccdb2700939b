namespace MlTr.Model.Data;

/// <summary>How far a longer piece of work on a data set has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items in all.</param>
public sealed record DatasetProgress(string Phase, int Done, int Total);
