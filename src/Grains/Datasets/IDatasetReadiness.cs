using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Datasets;

/// <summary>Waiting for a dataset. Implemented by the dataset's grain.</summary>
[Alias("mltr.IDatasetReadiness")]
internal interface IDatasetReadiness : IGrainWithStringKey
{
    /// <summary>Answers once the dataset is no longer as the caller knows it, or after a while.</summary>
    [Alias("WaitForChange")]
    Task<DatasetSnapshot> WaitForChangeAsync(DatasetState knownState, double knownProgress);
}
