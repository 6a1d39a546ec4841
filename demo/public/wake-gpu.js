// The browser starts a process for the GPU while the page's code is on its way. A file of its own, as content security
// policies refuse scripts within the page.
navigator.gpu?.requestAdapter({ featureLevel: 'compatibility' }).catch(() => {});
