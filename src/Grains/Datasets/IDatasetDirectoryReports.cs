using MlTr.Abstractions.Datasets;
using Orleans.Concurrency;

namespace MlTr.Grains.Datasets;

/// <summary>What the directory hears from datasets. Implemented by the directory's grain.</summary>
[Alias("mltr.IDatasetDirectoryReports")]
internal interface IDatasetDirectoryReports : IGrainWithStringKey
{
    [Alias("OnDatasetChanged"), OneWay]
    Task OnDatasetChangedAsync(DatasetSnapshot dataset);
}
