extension MetricRegistry {
    /// The answer to a scrape: every metric of the registry and those of the process, in UTF-8.
    package func exposition(_ format: ExpositionFormat = .text) -> [UInt8] { exposition(format) { _ in } }

    /// The same, with what `more` writes.
    func exposition(_ format: ExpositionFormat, _ more: (inout Exposition) -> Void) -> [UInt8] {
        var exposition = Exposition(constantLabels: constantLabels, format: format)
        for family in all { exposition.family(family) }
        let dropped = "collab_metric_series_dropped_total"
        exposition.begin(dropped, "Series that were not kept because their name has too many.", .counter)
        exposition.sample(dropped, Double(droppedSeries))
        more(&exposition)
        ProcessMetrics.write(to: &exposition)
        return exposition.finish()
    }
}
